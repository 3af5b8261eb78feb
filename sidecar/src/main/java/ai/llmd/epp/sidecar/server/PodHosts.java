package ai.llmd.epp.sidecar.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.sidecar.connector.MoriSettings;
import ai.llmd.epp.sidecar.metrics.NameMeters;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
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

  private final Map<String, Known> known = new ConcurrentHashMap<>(); // the configured names alone

  private record Known(String number, long asOf, AtomicBoolean isAsking) {}

  /** Asks a name service; waits. */
  interface Lookup {

    InetAddress[] all(String name) throws UnknownHostException;
  }

  private final Duration freshFor;
  private final Duration longestLookup;
  private final Lookup lookup;
  private final NameMeters meters;

  private PodHosts(Duration freshFor, Duration longestLookup, Lookup lookup, NameMeters meters) {
    this.freshFor = freshFor;
    this.longestLookup = longestLookup;
    this.lookup = lookup;
    this.meters = meters;
  }

  /**
   * Asks for all names once.
   *
   * @throws IOException when a name is not known
   */
  static PodHosts of(MoriSettings settings, Lookup lookup, NameMeters meters) throws IOException {
    PodHosts hosts = new PodHosts(settings.freshFor(), settings.longestLookup(), lookup, meters);
    if (settings.isWriting()) {
      List<String> names = new ArrayList<>(settings.prefillHosts());
      names.addAll(settings.decodeHosts());
      names.add(settings.localHost());
      for (String name : names) {
        if (NetUtil.createInetAddressFromIpAddressString(name) == null) {
          hosts.keep(name, hosts.numberOf(name));
        }
      }
    }
    return hosts;
  }

  private void keep(String name, String number) {
    known.put(name, new Known(number, System.nanoTime(), new AtomicBoolean()));
  }

  private String numberOf(String name) throws UnknownHostException {
    CompletableFuture<InetAddress[]> asked = new CompletableFuture<>();
    Thread asking = Thread.startVirtualThread(() -> ask(name, asked));
    try {
      return preferred(asked.get(longestLookup.toMillis(), MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      asking.interrupt();
      meters.failed();
      UnknownHostException failure = new UnknownHostException(name + ": not found");
      failure.initCause(e);
      throw failure;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(name + ": interrupted");
    }
  }

  private void ask(String name, CompletableFuture<InetAddress[]> asked) {
    try {
      asked.complete(lookup.all(name));
    } catch (UnknownHostException e) {
      asked.completeExceptionally(e);
    }
  }

  /** IPv4 where there is one. */
  private static String preferred(InetAddress[] found) {
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
    boolean isOld = System.nanoTime() - last.asOf > freshFor.toNanos();
    if (isOld && last.isAsking.compareAndSet(false, true)) {
      Thread.startVirtualThread(() -> refresh(host, last));
    }
    return last.number;
  }

  private void refresh(String host, Known last) {
    meters.askedAgain();
    try {
      String number = numberOf(host);
      if (!number.equals(last.number)) {
        meters.changed();
      }
      keep(host, number);
    } catch (UnknownHostException e) {
      log.atWarn().addKeyValue("host", host).log("host not found, its old address stays");
      keep(host, last.number);
    }
  }
}
