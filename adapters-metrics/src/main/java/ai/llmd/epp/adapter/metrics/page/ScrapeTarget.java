package ai.llmd.epp.adapter.metrics.page;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Where a page is served.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority value of the Host header
 * @param host IP literal without brackets, or a name
 * @param address of it, with the port; a name is not resolved
 */
public record ScrapeTarget(
    String scheme, String authority, String host, InetSocketAddress address) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");

  /**
   * Reads {@code host:port}. Resolves nothing, so that no event loop is held up.
   *
   * @throws IllegalArgumentException when it is no IP literal or name with a port
   */
  public static ScrapeTarget parse(String scheme, String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("no port in \"" + authority + "\"");
    }
    String host = authority.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(authority.substring(colon + 1));
      return new ScrapeTarget(scheme, authority, host, address(host, port, authority));
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException("no port in \"" + authority + "\"", e);
    }
  }

  private static InetSocketAddress address(String host, int port, String authority)
      throws UnknownHostException {
    byte[] ip = NetUtil.createByteArrayFromIpAddressString(host);
    if (ip != null) {
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    }
    if (!NAME.matcher(host).matches()) {
      throw new IllegalArgumentException("no address and no name in \"" + authority + "\"");
    }
    return InetSocketAddress.createUnresolved(host, port);
  }
}
