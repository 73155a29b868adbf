// Little-endian scalars, varints and length-prefixed strings: what state records and their keys are made of.
//
// ByteWriter appends to a string that it does not own. ByteReader never reads beyond its view: the first get that would
// makes it `failed()`, and from then on every get returns zero, so a decoder checks once at the end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace proactive {

static_assert(std::endian::native == std::endian::little, "state is written as the host's bytes");

class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(&out) {}

  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out_->append(bytes, sizeof(T));
  }
  void put_bytes(std::string_view bytes) { out_->append(bytes); }
  // Seven bits a byte, low ones first; the high bit says that more follow.
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_->push_back(static_cast<char>(value | 0x80));
    out_->push_back(static_cast<char>(value));
  }
  void put_string(std::string_view text) {
    put_varint(text.size());
    out_->append(text);
  }

 private:
  std::string* out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  [[nodiscard]] T get() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    const std::string_view taken = get_bytes(sizeof(T));
    if (taken.size() == sizeof(T)) std::memcpy(&value, taken.data(), sizeof(T));
    return value;
  }
  [[nodiscard]] std::string_view get_bytes(std::size_t count) {
    if (failed_ || count > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  // Only the shortest form is read, so that one number has one byte string.
  [[nodiscard]] std::uint64_t get_varint() {
    const std::size_t start = at_;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = get<std::uint8_t>();
      if (failed_) return 0;
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if ((byte & 0x80) != 0) continue;
      if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1)) break;
      return value;
    }
    at_ = start;
    failed_ = true;
    return 0;
  }
  [[nodiscard]] std::string_view get_string() {
    const std::uint64_t size = get_varint();
    if (!failed_ && size > bytes_.size() - at_) failed_ = true;
    return failed_ ? std::string_view{} : get_bytes(static_cast<std::size_t>(size));
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::size_t position() const { return at_; }  // of the read that failed, if one did
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace proactive
