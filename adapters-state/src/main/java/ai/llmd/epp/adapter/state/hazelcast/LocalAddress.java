package ai.llmd.epp.adapter.state.hazelcast;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.UnknownHostException;
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
   * The one that is configured, or the first free one of the members' that are of this machine.
   * Queries the name service. The address may be taken before it is used; then query again.
   *
   * @throws IOException when none is free
   */
  static LocalAddress of(HazelcastSettings settings) throws IOException {
    int port = settings.port() == 0 ? HazelcastSettings.DEFAULT_PORT : settings.port();
    List<InetSocketAddress> local = localOnes(settings, port);
    if (local.isEmpty()) {
      return new LocalAddress(null, port);
    } else if (settings.port() != 0 && settings.serviceDns().isEmpty()) {
      return new LocalAddress(local.getFirst().getAddress().getHostAddress(), port);
    }
    for (InetSocketAddress address : local) {
      if (isFree(address)) {
        return new LocalAddress(address.getAddress().getHostAddress(), address.getPort());
      }
    }
    throw new IOException("all local addresses of members are taken");
  }

  private static List<InetSocketAddress> localOnes(HazelcastSettings settings, int port)
      throws IOException {
    return settings.serviceDns().isEmpty()
        ? listed(settings.members(), port)
        : named(settings.serviceDns(), port);
  }

  private static List<InetSocketAddress> listed(List<String> members, int defaultPort)
      throws IOException {
    List<InetSocketAddress> local = new ArrayList<>();
    for (String member : members) {
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

  private static List<InetSocketAddress> named(String serviceDns, int port) throws IOException {
    List<InetSocketAddress> local = new ArrayList<>();
    for (InetAddress address : lookUp(serviceDns)) {
      // the loopback has more addresses than its interface lists
      if (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null) {
        local.add(new InetSocketAddress(address, port));
      }
    }
    return local;
  }

  /** Nothing when nothing is known: a replica may be up before the name service knows it. */
  private static InetAddress[] lookUp(String serviceDns) {
    try {
      return InetAddress.getAllByName(serviceDns);
    } catch (UnknownHostException e) {
      return new InetAddress[0];
    }
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
