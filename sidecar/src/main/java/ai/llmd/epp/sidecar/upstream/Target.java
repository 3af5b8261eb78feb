package ai.llmd.epp.sidecar.upstream;

import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A model server's address.
 *
 * @param host a name or number, IPv6 without brackets
 * @param stage what it is asked for
 * @param tls null for plain HTTP
 */
public record Target(String host, int port, LegStage stage, @Nullable SslContext tls) {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /**
   * Reads {@code host:port}; a port that is missing is the protocol's.
   *
   * @return null when it is neither name nor number with a port
   */
  public static @Nullable Target parse(String hostPort, LegStage stage, @Nullable SslContext tls) {
    String rest = hostPort;
    int standard = tls == null ? HTTP : HTTPS;
    if (rest.startsWith("[")) {
      int end = rest.indexOf(']');
      if (end < 0) {
        return null;
      }
      String behind = rest.substring(end + 1);
      int port = behind.isEmpty() ? standard : port(behind.substring(1));
      return behind.isEmpty() || behind.startsWith(":")
          ? of(rest.substring(1, end), port, stage, tls)
          : null;
    }
    int colon = rest.indexOf(':');
    if (colon < 0) {
      return of(rest, standard, stage, tls);
    }
    return of(rest.substring(0, colon), port(rest.substring(colon + 1)), stage, tls);
  }

  private static @Nullable Target of(
      String host, int port, LegStage stage, @Nullable SslContext tls) {
    boolean isUsable =
        !host.isEmpty()
            && port > 0
            && host.chars().allMatch(c -> c > ' ' && c < 0x7F && "/@?#\\".indexOf(c) < 0);
    return isUsable ? new Target(host.toLowerCase(Locale.ROOT), port, stage, tls) : null;
  }

  private static int port(String digits) {
    if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(Character::isDigit)) {
      return -1;
    }
    int port = Integer.parseInt(digits);
    return port <= 0xFFFF ? port : -1;
  }

  /** With brackets around an IPv6 number. */
  public String authority() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** The addresses to try, when they are known without asking a name service; else null. */
  InetAddress @Nullable [] knownAddresses() {
    return Addresses.withoutAsking(host);
  }

  @Override
  public String toString() {
    return authority();
  }
}
