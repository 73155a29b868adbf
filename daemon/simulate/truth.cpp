#include "daemon/simulate/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/simulate/rng.h"

namespace proactive::daemon {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kTicketStream = 0x7469636b6574;
constexpr double kOtherTicketDays = 28;  // mean gap between a customer's tickets about other things
constexpr std::array<std::string_view, 4> kOtherCategories = {"how_to", "billing_question", "feature_request",
                                                              "account"};

struct Ticket {
  std::string id;
  std::string_view category, priority;
  Timestamp created_at, solved_at;
};

TicketLine ticket_line(const Ticket& ticket, const SimulatedCustomer& customer, bool solved) {
  const Timestamp at = solved ? ticket.solved_at : ticket.created_at;
  TicketLine line{at, customer.id, {}};
  line.json = fmt::format(
      R"({{"ticket_id":"{}","customer_id":"{}","event":"{}","status":"{}","category":"{}","tags":[],"priority":"{}",)"
      R"("channel":"email","created_at":"{}","at":"{}","reopens":0,"contacts":1,"origin":"customer"}})",
      ticket.id, customer.id, solved ? "solved" : "created", solved ? "solved" : "new", ticket.category,
      ticket.priority, format_rfc3339(ticket.created_at), format_rfc3339(at));
  return line;
}

void add_ticket(const Ticket& ticket, const SimulatedCustomer& customer, Timestamp end,
                std::vector<TicketLine>& into) {
  into.push_back(ticket_line(ticket, customer, false));
  if (ticket.solved_at < end) into.push_back(ticket_line(ticket, customer, true));
}

void add_other_tickets(std::uint64_t seed, const SimulatedCustomer& customer, Timestamp begin, Timestamp end,
                       std::vector<TicketLine>& into) {
  Rng rng(seed, kTicketStream, customer.index);
  const auto days = [](double count) { return seconds(static_cast<std::int64_t>(count * 86400)); };
  unsigned number = 0;
  for (Timestamp at = begin + days(rng.exponential(kOtherTicketDays)); at < end;
       at += days(rng.exponential(kOtherTicketDays))) {
    Ticket ticket;
    ticket.id = fmt::format("tk-{}-{}", customer.index + 1, ++number);
    ticket.category = kOtherCategories[rng.below(kOtherCategories.size())];
    ticket.priority = rng.chance(0.2) ? "normal" : "low";
    ticket.created_at = at;
    ticket.solved_at = at + days(rng.log_normal(0.8, 0.7));
    add_ticket(ticket, customer, end, into);
  }
}

}  // namespace

std::string to_json(const TruthRow& row) {
  return fmt::format(
      R"({{"fault_id":"{}","kind":"{}","customer_id":"{}","entity":"{}","size":{:.2f},"began":"{}","ended":"{}",)"
      R"("ticket_at":"{}"}})",
      row.fault_id, facts_of(row.kind).name, row.customer_id, row.entity, row.size, format_rfc3339(row.began),
      format_rfc3339(row.ended), format_rfc3339(row.ticket_at));
}

ProfileLine make_profile(const SimulatedCustomer& customer, Timestamp valid_from) {
  ProfileLine line{customer.id, {}};
  line.json = fmt::format(
      R"({{"customer_id":"{}","plan":"{}","region":"{}","segment":"{}","time_zone":"{}","storage_quota":{},)"
      R"("version":1,"valid_from":"{}"}})",
      customer.id, to_string(customer.plan), to_string(customer.region), customer.segment,
      to_string(customer.zone), static_cast<std::uint64_t>(customer.storage_quota),
      format_rfc3339(valid_from));
  return line;
}

TruthRow make_truth(const Fault& fault, const SimulatedCustomer& customer) {
  TruthRow row;
  row.fault_id = fault.id;
  row.kind = fault.kind;
  row.customer_id = customer.id;
  row.entity = "customer";
  if (fault.kind == FaultKind::stuck_job) {
    row.entity = "job/" + customer.jobs[static_cast<std::size_t>(fault.entity)].id;
  } else if (fault.kind == FaultKind::battery_drain) {
    row.entity = "device/" + customer.devices[static_cast<std::size_t>(fault.entity)].id;
  }
  row.size = fault.size;
  row.began = fault.began;
  row.ended = fault.ended;
  row.ticket_at = fault.ticket_at;
  return row;
}

std::vector<TicketLine> make_tickets(std::uint64_t seed, std::span<const SimulatedCustomer> fleet,
                                     std::span<const Fault> faults, Timestamp begin, Timestamp end) {
  std::vector<TicketLine> lines;
  for (const Fault& fault : faults) {
    Ticket ticket;
    ticket.id = "tk-" + fault.id;
    ticket.category = facts_of(fault.kind).ticket_category;
    ticket.priority = fault.size >= 6 ? "urgent" : fault.size >= 2 ? "high" : "normal";
    ticket.created_at = fault.ticket_at;
    ticket.solved_at = fault.ended;
    add_ticket(ticket, fleet[fault.customer], end, lines);
  }
  for (const SimulatedCustomer& customer : fleet) add_other_tickets(seed, customer, begin, end, lines);
  std::stable_sort(lines.begin(), lines.end(),
                   [](const TicketLine& a, const TicketLine& b) { return a.at < b.at; });
  return lines;
}

}  // namespace proactive::daemon
