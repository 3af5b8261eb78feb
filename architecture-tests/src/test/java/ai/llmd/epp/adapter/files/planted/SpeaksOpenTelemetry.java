package ai.llmd.epp.adapter.files.planted;

import io.opentelemetry.api.trace.SpanKind;

final class SpeaksOpenTelemetry {
  final SpanKind kind = SpanKind.SERVER;
}
