package ai.llmd.epp.traces.otlp;

import ai.llmd.epp.traces.span.AttributeName;

/** Begins a {@code KeyValue} (opentelemetry-proto 1.3, {@code common/v1/common.proto}). */
final class KeyValues {

  static final int STRING_VALUE = 1;

  private static final int KEY = 1;
  private static final int VALUE = 2;

  private KeyValues() {}

  /** Bytes of its fields, where the value itself takes so many. */
  static int bytes(AttributeName name, int valueBytes) {
    return ProtoBytes.fieldBytes(name.utf8().length) + ProtoBytes.fieldBytes(valueBytes);
  }

  /** Writes its fields up to the value, which takes so many bytes and ends it. */
  static void begin(ProtoBytes out, AttributeName name, int valueBytes) {
    out.bytes(KEY, name.utf8());
    out.begin(VALUE, valueBytes);
  }
}
