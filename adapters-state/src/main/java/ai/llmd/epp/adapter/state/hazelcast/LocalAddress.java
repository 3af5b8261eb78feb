package ai.llmd.epp.adapter.state.hazelcast;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a replica listens.
 *
 * @param host address of an interface of this machine; null for any
 */
record LocalAddress(@Nullable String host, int port) {

  /**
   * The one that is configured, or the first free one of those in the list that are of this
   * machine. Asks the name service. Somebody may take it before it is used; then ask again.
   *
   * @throws IOException when none is free
   */
  static LocalAddress of(HazelcastSettings settings) throws IOException {
    List<InetSocketAddress> local = localOnes(settings);
    if (settings.port() != 0) {
      return new LocalAddress(
          local.isEmpty() ? null : local.getFirst().getAddress().getHostAddress(), settings.port());
    } else if (local.isEmpty()) {
      return new LocalAddress(null, HazelcastSettings.DEFAULT_PORT);
    }
    for (InetSocketAddress address : local) {
      if (isFree(address)) {
        return new LocalAddress(address.getAddress().getHostAddress(), address.getPort());
      }
    }
    throw new IOException("all local addresses in the list of members are taken");
  }

  private static List<InetSocketAddress> localOnes(HazelcastSettings settings) throws IOException {
    List<InetSocketAddress> local = new ArrayList<>();
    int defaultPort = settings.port() == 0 ? HazelcastSettings.DEFAULT_PORT : settings.port();
    for (String member : settings.members()) {
      int colon = member.lastIndexOf(':');
      boolean hasPort = colon > member.lastIndexOf(']') && colon > 0;
      InetSocketAddress address =
          new InetSocketAddress(
              hasPort ? member.substring(0, colon) : member,
              hasPort ? Integer.parseInt(member.substring(colon + 1)) : defaultPort);
      InetAddress resolved =
          address.getAddress(); // null when the name is unknown: not of this machine
      if (resolved != null && NetworkInterface.getByInetAddress(resolved) != null) {
        local.add(address);
      }
    }
    return local;
  }

  private static boolean isFree(InetSocketAddress address) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
