package ai.llmd.epp.sidecar.server;

import ai.llmd.epp.sidecar.connector.MoriSettings;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbers of the pods whose engines write to another's memory. Names are asked for at the
 * start, and again while they are used; the old number serves until there is a new one. Any thread.
 */
final class PodHosts implements UnaryOperator<String> {

  private static final Logger log = LoggerFactory.getLogger(PodHosts.class);
  private static final Duration FRESH = Duration.ofSeconds(30);

  private final Map<String, Known> known = new ConcurrentHashMap<>(); // the configured names alone

  private record Known(String number, long asOf, AtomicBoolean isAsking) {}

  private PodHosts() {}

  /**
   * @throws IOException when a name is not known
   */
  static PodHosts of(MoriSettings settings) throws IOException {
    PodHosts hosts = new PodHosts();
    if (settings.isWriting()) {
      List<String> names = new ArrayList<>(settings.prefillHosts());
      names.addAll(settings.decodeHosts());
      names.add(settings.localHost());
      for (String name : names) {
        if (NetUtil.createInetAddressFromIpAddressString(name) == null) {
          hosts.keep(name, lookup(name));
        }
      }
    }
    return hosts;
  }

  private void keep(String name, String number) {
    known.put(name, new Known(number, System.nanoTime(), new AtomicBoolean()));
  }

  /** IPv4 where there is one. */
  private static String lookup(String name) throws UnknownHostException {
    InetAddress[] found = InetAddress.getAllByName(name);
    for (InetAddress address : found) {
      if (address instanceof Inet4Address) {
        return address.getHostAddress();
      }
    }
    return found[0].getHostAddress();
  }

  /** The number of a host; what was not configured as a name is returned as it is. */
  @Override
  public String apply(String host) {
    Known last = known.get(host);
    if (last == null) {
      return host;
    }
    boolean isOld = System.nanoTime() - last.asOf > FRESH.toNanos();
    if (isOld && last.isAsking.compareAndSet(false, true)) {
      Thread.startVirtualThread(() -> refresh(host, last));
    }
    return last.number;
  }

  private void refresh(String host, Known last) {
    try {
      keep(host, lookup(host));
    } catch (UnknownHostException e) {
      log.atWarn().addKeyValue("host", host).log("host not found, its old address stays");
      keep(host, last.number);
    }
  }
}
