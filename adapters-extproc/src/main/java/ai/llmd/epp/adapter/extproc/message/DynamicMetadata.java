package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.Map;

/**
 * Writes {@code ProcessingResponse.dynamic_metadata}, by namespace and key. A {@code Struct} is a
 * map, and a map's entries are messages of a key and a value.
 */
public final class DynamicMetadata {

  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;

  private DynamicMetadata() {}

  /** Adds all of it; values are numbers or shown as text. */
  static void add(MessageBytes message, Map<String, Map<String, Object>> namespaces) {
    int all = message.written();
    namespaces.forEach(
        (namespace, keys) -> {
          int one = message.written();
          keys.forEach((key, value) -> add(message, key, value));
          closeStruct(message, namespace, one);
        });
    message.enclose(ProcessingResponse.DYNAMIC_METADATA_FIELD_NUMBER, all);
  }

  private static void add(MessageBytes message, String key, Object value) {
    int mark = message.written();
    if (value instanceof Number number) {
      message.number(Value.NUMBER_VALUE_FIELD_NUMBER, number.doubleValue());
    } else {
      message.text(Value.STRING_VALUE_FIELD_NUMBER, String.valueOf(value));
    }
    closeValue(message, key, mark);
  }

  public static void addText(MessageBytes message, String key, String value) {
    int mark = message.written();
    message.text(Value.STRING_VALUE_FIELD_NUMBER, value);
    closeValue(message, key, mark);
  }

  public static void addNumber(MessageBytes message, String key, double value) {
    int mark = message.written();
    message.number(Value.NUMBER_VALUE_FIELD_NUMBER, value);
    closeValue(message, key, mark);
  }

  /** Makes the entries that were added since the mark one entry, a struct of this name. */
  public static void closeStruct(MessageBytes message, String key, int mark) {
    message.enclose(Value.STRUCT_VALUE_FIELD_NUMBER, mark);
    closeValue(message, key, mark);
  }

  private static void closeValue(MessageBytes message, String key, int mark) {
    message
        .enclose(ENTRY_VALUE, mark)
        .text(ENTRY_KEY, key)
        .enclose(Struct.FIELDS_FIELD_NUMBER, mark);
  }
}
