package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import java.util.Locale;

/** How headers travel: a key, and a value in {@code raw_value} or, by older gateways, in text. */
final class HeaderValues {

  private HeaderValues() {}

  /** A header to set, replacing any of that name. */
  static HeaderValueOption toSet(String name, String value) {
    return toSet(
        HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)).build());
  }

  static HeaderValueOption toSet(HeaderValue header) {
    return HeaderValueOption.newBuilder().setHeader(header).build();
  }

  /** The same header in the form that answers use; the very object when it has that form. */
  static HeaderValue asAnswered(HeaderValue received, String name) {
    if (received.getValue().isEmpty() && received.getKey().equals(name)) {
      return received;
    }
    return HeaderValue.newBuilder().setKey(name).setRawValue(rawValue(received)).build();
  }

  static String text(HeaderValue header) {
    return header.getRawValue().isEmpty() ? header.getValue() : header.getRawValue().toStringUtf8();
  }

  /** The name in lower case; without an allocation when it is so already, as Envoy's are. */
  static String lowerCase(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return name;
  }

  private static ByteString rawValue(HeaderValue header) {
    return header.getRawValue().isEmpty() ? header.getValueBytes() : header.getRawValue();
  }
}
