package ai.llmd.epp.sidecar.pool;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.route.AllowedHosts;
import ai.llmd.epp.sidecar.route.HostList;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of an InferencePool: their numbers, and the names of those that have one. Follows both;
 * a pool that is deleted allows none. Any thread.
 */
public final class PoolHosts implements AllowedHosts, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PoolHosts.class);

  private final KubernetesApi api;
  private final PoolName pool;
  private final CountDownLatch isKnown = new CountDownLatch(1);
  private volatile AllowedHosts allowed = new HostList(List.of());

  private @Nullable String selector; // guarded by this; null when there is no pool
  private @Nullable Pods listener; // guarded by this; of the pods that are followed
  private @Nullable FollowedObjects pods; // guarded by this
  private @Nullable FollowedObjects pools; // guarded by this

  private PoolHosts(KubernetesApi api, PoolName pool) {
    this.api = api;
    this.pool = pool;
  }

  /**
   * Begins to follow, and waits until the pods are known; takes ownership of the client.
   *
   * @throws IOException when they are not within this time
   */
  public static PoolHosts follow(KubernetesApi api, PoolName pool, Duration longestWait)
      throws IOException {
    PoolHosts hosts = new PoolHosts(api, pool);
    hosts.start();
    try {
      if (hosts.isKnown.await(longestWait.toMillis(), MILLISECONDS)) {
        return hosts;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    hosts.close();
    throw new IOException("--inference-pool: " + pool + " could not be read");
  }

  private synchronized void start() {
    pools =
        new FollowedObjects(
            api, pool.poolsPath(), "fieldSelector", "metadata.name=" + pool.name(), new Pools());
  }

  @Override
  public boolean isAllowed(String host) {
    return allowed.isAllowed(host);
  }

  private synchronized void select(@Nullable String wanted) {
    if (wanted != null && wanted.equals(selector)) {
      return;
    }
    selector = wanted;
    if (pods != null) {
      pods.close();
      pods = null;
      listener = null;
    }
    if (wanted == null) {
      allowed = new HostList(List.of());
      log.atWarn().addKeyValue("pool", pool).log("there is no such pool, no server may be named");
      isKnown.countDown();
    } else {
      listener = new Pods();
      pods = new FollowedObjects(api, pool.podsPath(), "labelSelector", wanted, listener);
    }
  }

  /** Of pods that are not followed any more, nothing counts. */
  private synchronized void allow(Pods from, List<String> hosts) {
    if (from == listener) {
      allowed = new HostList(hosts);
      isKnown.countDown();
    }
  }

  /** Labels as a selector; null without any, since that would be every pod. */
  private @Nullable String selectorOf(JsonObject object) {
    JsonObject spec = object.object("spec");
    JsonObject labels = spec == null ? null : spec.object("selector");
    if (labels != null && pool.isStable()) {
      labels = labels.object("matchLabels");
    }
    List<String> terms = new ArrayList<>();
    if (labels != null) {
      for (String label : new TreeSet<>(labels.names())) {
        terms.add(label + "=" + labels.text(label));
      }
    }
    return terms.isEmpty() ? null : String.join(",", terms);
  }

  private final class Pools implements FollowedObjects.Listener {

    @Override
    public void all(List<JsonObject> objects) {
      select(objects.isEmpty() ? null : selectorOf(objects.getFirst()));
    }

    @Override
    public void changed(JsonObject object) {
      select(selectorOf(object));
    }

    @Override
    public void deleted(JsonObject object) {
      select(null);
    }
  }

  private final class Pods implements FollowedObjects.Listener {

    private final Map<String, List<String>> hosts = new HashMap<>(); // by the name of the pod

    @Override
    public void all(List<JsonObject> objects) {
      hosts.clear();
      objects.forEach(this::keep);
      publish();
    }

    @Override
    public void changed(JsonObject object) {
      keep(object);
      publish();
    }

    @Override
    public void deleted(JsonObject object) {
      hosts.remove(name(object));
      publish();
    }

    private void keep(JsonObject pod) {
      List<String> numbers = new ArrayList<>();
      JsonObject status = pod.object("status");
      if (status != null) {
        addNumber(numbers, status.text("podIP"));
        status.objects("podIPs").forEach(one -> addNumber(numbers, one.text("ip")));
      }
      String name = name(pod);
      if (numbers.isEmpty()) {
        hosts.remove(name);
      } else {
        numbers.add(name);
        hosts.put(name, numbers);
      }
    }

    private static void addNumber(List<String> numbers, @Nullable String number) {
      if (number != null && !number.isEmpty()) {
        numbers.add(number);
      }
    }

    private static String name(JsonObject pod) {
      JsonObject metadata = pod.object("metadata");
      String name = metadata == null ? null : metadata.text("name");
      return name == null ? "" : name;
    }

    private void publish() {
      allow(this, hosts.values().stream().flatMap(List::stream).toList());
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (pools != null) {
        pools.close();
      }
      if (pods != null) {
        pods.close();
      }
    }
    api.close();
  }
}
