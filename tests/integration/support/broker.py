"""The real broker of a test, as deploy/local-kafka/kafka.sh runs it."""

import subprocess

from support.waiting import Failed, until

SCRIPT = ["bash", "deploy/local-kafka/kafka.sh"]


class BrokerError(Failed):
    pass


class Broker:
    def __init__(self, port_base):
        self.port_base = port_base
        self.address = f"127.0.0.1:{port_base}"

    def run(self, *command):
        done = subprocess.run([*SCRIPT, *command, "--port-base", str(self.port_base)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        if done.returncode != 0:
            raise BrokerError(f"kafka.sh {' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def runs(self):
        try:
            self.run("status")
        except BrokerError:
            return False
        return True

    def up(self):
        """However long it takes on a busy machine: `up` gives up after a minute, and goes on waiting when asked again."""
        until("the broker to answer", self.try_up, seconds=300)

    def try_up(self):
        try:
            self.run("up")
        except BrokerError:
            return False
        return True

    def down(self):
        self.run("down")

    def kill(self):
        """By SIGKILL. In an orderly shutdown of the only broker all partitions lose their leader first, and a
        transaction that is being ended right then is taken for one of deleted topics: Kafka 4.3.1 logs "Couldn't find
        leader endpoint for partitions ... likely deleted already" and never writes its markers, so that its records
        stay open for good.
        """
        self.run("kill9")

    def tool(self, name, *arguments):
        return self.run("tool", name, "--bootstrap-server", "@bootstrap", *arguments)

    def delete_topics(self, regex):
        self.tool("org.apache.kafka.tools.TopicCommand", "--delete", "--if-exists", "--topic", regex)

    def delete_records(self, file):
        """Up to the offsets of a file in the tool's form."""
        self.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", file)

    def open_transactions(self):
        """Ids of transactions that are neither committed nor aborted, as the broker knows them."""
        text = self.tool("org.apache.kafka.tools.TransactionsCommand", "list")
        return [line.split()[0] for line in text.splitlines() if "Ongoing" in line]

    def hanging_transactions(self):
        return self.tool("org.apache.kafka.tools.TransactionsCommand", "find-hanging", "--broker-id", "1",
                         "--max-transaction-timeout", "0")  # fmt: skip
