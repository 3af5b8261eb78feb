package ai.llmd.epp.sidecar.route;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Hosts by name, number, or range of numbers as in {@code 10.0.0.0/8}. */
public final class HostList implements AllowedHosts {

  private static final int ANY_PORT = 1;

  private final Set<String> names = new HashSet<>();
  private final List<IpSubnetFilterRule> ranges = new ArrayList<>();

  /**
   * Of these alone.
   *
   * @throws IllegalArgumentException for a range that is none
   */
  public HostList(List<String> hosts) {
    for (String host : hosts) {
      if (host.contains("/")) {
        ranges.add(range(host));
      } else {
        names.add(canonical(host));
      }
    }
  }

  private static IpSubnetFilterRule range(String text) {
    int slash = text.indexOf('/');
    try {
      int bits = Integer.parseInt(text.substring(slash + 1));
      return new IpSubnetFilterRule(text.substring(0, slash), bits, IpFilterRuleType.ACCEPT);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no range of addresses", e);
    }
  }

  @Override
  public boolean isAllowed(String host) {
    if (names.contains(canonical(host))) {
      return true;
    }
    InetAddress number = NetUtil.createInetAddressFromIpAddressString(host);
    if (number == null) {
      return false;
    }
    InetSocketAddress address = new InetSocketAddress(number, ANY_PORT);
    return ranges.stream().anyMatch(range -> range.matches(address));
  }

  /** One spelling of each number. */
  private static String canonical(String host) {
    InetAddress number = NetUtil.createInetAddressFromIpAddressString(host);
    return number == null ? host.toLowerCase(Locale.ROOT) : number.getHostAddress();
  }
}
