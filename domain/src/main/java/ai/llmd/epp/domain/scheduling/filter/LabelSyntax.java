package ai.llmd.epp.domain.scheduling.filter;

import java.util.regex.Pattern;

/** What Kubernetes allows as the key and as the value of a label. */
final class LabelSyntax {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final String DNS_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
  private static final Pattern PREFIX = Pattern.compile(DNS_LABEL + "(?:\\." + DNS_LABEL + ")*");
  private static final int MAX_PREFIX_LENGTH = 253;

  private LabelSyntax() {}

  /** Refuses what is not {@code [prefix/]name}. */
  static void checkKey(String field, String key) {
    int slash = key.indexOf('/');
    boolean isValid =
        NAME.matcher(key.substring(slash + 1)).matches() && (slash < 0 || isPrefix(key, slash));
    if (!isValid) {
      throw new IllegalArgumentException(field + " has an invalid label key \"" + key + '"');
    }
  }

  /** Refuses what is neither empty nor a name. */
  static void checkValue(String field, String value) {
    if (!value.isEmpty() && !NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(field + " has an invalid label value \"" + value + '"');
    }
  }

  private static boolean isPrefix(String key, int length) {
    return length <= MAX_PREFIX_LENGTH && PREFIX.matcher(key.substring(0, length)).matches();
  }
}
