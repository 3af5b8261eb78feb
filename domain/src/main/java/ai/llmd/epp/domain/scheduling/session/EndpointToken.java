package ai.llmd.epp.domain.scheduling.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** An endpoint's identity as a header value: {@code namespace/name} in padded Base64, RFC 4648. */
final class EndpointToken {

  private EndpointToken() {}

  static String encode(EndpointId id) {
    return Base64.getEncoder().encodeToString(id.toString().getBytes(UTF_8));
  }

  /** Null for a text that encodes no identity. */
  static @Nullable EndpointId decode(String token) {
    if (!isBase64(token)) { // the decoder would throw, or guess the padding
      return null;
    }
    String id = new String(Base64.getDecoder().decode(token), UTF_8);
    int slash = id.indexOf('/'); // a namespace has none
    return slash < 0 ? null : new EndpointId(id.substring(0, slash), id.substring(slash + 1));
  }

  private static boolean isBase64(String token) {
    int length = token.length();
    if (length == 0 || length % 4 != 0) {
      return false;
    }
    int end = length;
    while (end > length - 2 && token.charAt(end - 1) == '=') {
      end--;
    }
    for (int i = 0; i < end; i++) {
      if (!isDigit(token.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/';
  }
}
