#include "daemon/outreach/identity.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "models/base/check.h"

namespace proactive::daemon {

namespace {

constexpr unsigned char kSeparator = 0x1F;
constexpr std::string_view kVersion = "v1";

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC, FreeMac>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

}  // namespace

// The context after the key went in; each hash works on a copy, which is what makes the key shareable.
struct IdentityKey::Keyed {
  Mac mac;
  MacContext context;
};

IdentityKey::IdentityKey(const config::Secret& key) {
  auto keyed = std::make_unique<Keyed>();
  keyed->mac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  PROACTIVE_CHECK(keyed->mac != nullptr);
  keyed->context.reset(EVP_MAC_CTX_new(keyed->mac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  // libcrypto takes a null key for "the one before", so an empty one needs an address.
  const std::string& secret = key.reveal();
  const auto* bytes = reinterpret_cast<const unsigned char*>(secret.data());
  PROACTIVE_CHECK(EVP_MAC_init(keyed->context.get(), bytes, secret.size(), parameters) == 1);
  keyed_ = std::move(keyed);
}

IdentityKey::~IdentityKey() = default;

IdentityKey::Hash IdentityKey::hash(std::initializer_list<std::string_view> fields) const {
  const MacContext context(EVP_MAC_CTX_dup(keyed_->context.get()));
  PROACTIVE_CHECK(context != nullptr);
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) PROACTIVE_CHECK(EVP_MAC_update(context.get(), &kSeparator, 1) == 1);
    first = false;
    const auto* bytes = reinterpret_cast<const unsigned char*>(field.data());
    if (!field.empty()) PROACTIVE_CHECK(EVP_MAC_update(context.get(), bytes, field.size()) == 1);
  }
  Hash hash{};
  std::size_t length = 0;
  PROACTIVE_CHECK(EVP_MAC_final(context.get(), hash.data(), &length, hash.size()) == 1);
  PROACTIVE_CHECK(length == hash.size());
  return hash;
}

std::string hex(const IdentityKey::Hash& hash, std::size_t bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kDigits[hash[i] >> 4];
    text += kDigits[hash[i] & 0xF];
  }
  return text;
}

std::string IdentityKey::outreach_id(const EpisodeIdentity& e) const {
  const std::string start = format_rfc3339(e.start);
  return "out_" + hex(hash({"outreach", kVersion, e.source_name, e.rule_id, e.customer_id, e.entity_type,
                            e.entity_id, start}),
                      8);
}

std::string IdentityKey::event_id(const EpisodeIdentity& e, EventStatus status,
                                  std::uint32_t revision) const {
  const std::string start = format_rfc3339(e.start);
  Hash bytes = hash({"event", kVersion, e.source_name, e.rule_id, e.customer_id, e.entity_type, e.entity_id,
                     start, to_string(status), std::to_string(revision)});
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x80);  // version 8
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);  // variant of RFC 9562
  const std::string text = hex(bytes, 16);
  return text.substr(0, 8) + '-' + text.substr(8, 4) + '-' + text.substr(12, 4) + '-' + text.substr(16, 4) +
         '-' + text.substr(20);
}

std::string IdentityKey::decision_id(const EpisodeIdentity& e, std::uint32_t n) const {
  const std::string start = format_rfc3339(e.start);
  return "dec_" + hex(hash({"decision", kVersion, e.source_name, e.rule_id, e.customer_id, e.entity_type,
                            e.entity_id, start, std::to_string(n)}),
                      8);
}

std::string dedup_key(const EpisodeIdentity& e) {
  std::string key;
  for (const std::string_view part : {e.rule_id, e.customer_id, e.entity_type, e.entity_id}) {
    if (!key.empty()) key += ':';
    key += part;
  }
  return key;
}

}  // namespace proactive::daemon
