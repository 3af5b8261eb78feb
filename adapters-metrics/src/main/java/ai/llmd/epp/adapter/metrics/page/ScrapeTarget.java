package ai.llmd.epp.adapter.metrics.page;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where a page is served.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority value of the Host header
 * @param host IP literal without brackets
 * @param address of it, with the port
 */
public record ScrapeTarget(String scheme, String authority, String host, InetSocketAddress address) {

  /**
   * Reads {@code host:port}. Names are refused: resolving them would hold up the event loop.
   *
   * @throws IllegalArgumentException when it is no IP literal with a port
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
    byte[] ip = NetUtil.createByteArrayFromIpAddressString(host);
    if (ip == null) {
      throw new IllegalArgumentException("no IP address in \"" + authority + "\"");
    }
    try {
      int port = Integer.parseInt(authority.substring(colon + 1));
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(ip), port);
      return new ScrapeTarget(scheme, authority, host, address);
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException("no port in \"" + authority + "\"", e);
    }
  }
}
