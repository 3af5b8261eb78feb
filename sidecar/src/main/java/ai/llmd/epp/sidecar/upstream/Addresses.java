package ai.llmd.epp.sidecar.upstream;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Addresses of hosts. */
final class Addresses {

  private static final InetAddress[] LOCALHOST = {NetUtil.LOCALHOST4, NetUtil.LOCALHOST6};

  private Addresses() {}

  /** Null for a name that a name service has to be asked for, which takes time. */
  static InetAddress @Nullable [] withoutAsking(String host) {
    if (host.equals("localhost")) {
      return LOCALHOST.clone();
    }
    InetAddress number = NetUtil.createInetAddressFromIpAddressString(host);
    return number == null ? null : new InetAddress[] {number};
  }
}
