#include "models/detect/severity.h"

#include "models/base/math.h"

namespace proactive::models {

float severity_of(double ratio) {
  return ratio <= 1 ? 0.0F : static_cast<float>(-100 * math::expm1(-(ratio - 1) / 1.5));
}

Severity severity_level(float severity) {
  if (severity >= 80) return Severity::critical;
  if (severity >= 65) return Severity::high;
  if (severity >= 48) return Severity::medium;
  return Severity::low;
}

}  // namespace proactive::models
