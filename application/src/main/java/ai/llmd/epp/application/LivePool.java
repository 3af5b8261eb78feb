package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pool as discovery last described it. Readers never wait; writers are serialised.
 *
 * <p>A new endpoint gets the smallest free slot. A removed one's slot is free again when every
 * observer has released it, so that what is kept for the old endpoint is not mistaken for something
 * about the new one. An endpoint that comes back under its old id is a new incarnation.
 */
public final class LivePool implements KeepPool {

  private static final String EXTENSION_POINT = "PoolObserver";

  private final PluginFaults faults;
  private final EndpointLoad unsampled;
  private volatile PoolSnapshot current;

  // guarded by this
  private List<PoolObserver> observers;
  private final Map<EndpointId, EndpointState> members = new LinkedHashMap<>();
  private final BitSet takenSlots = new BitSet();
  private long incarnations;

  /**
   * @param observers notified of every change, in this order, before requests can see a new
   *     endpoint and after they can no longer see a removed one
   * @param faults receives failures of observers; the pool is kept without them
   */
  public LivePool(String name, List<PoolObserver> observers, PluginFaults faults) {
    this(name, observers, faults, EndpointLoad.UNSAMPLED);
  }

  /**
   * @param unsampled the load of an endpoint until its first sample arrives
   */
  public LivePool(
      String name, List<PoolObserver> observers, PluginFaults faults, EndpointLoad unsampled) {
    this.unsampled = unsampled;
    this.observers = List.copyOf(observers);
    this.faults = faults;
    this.current = PoolSnapshot.empty(name);
  }

  /** The pool as of now; never waits. Hold one value for a whole scheduling cycle. */
  public PoolSnapshot current() {
    return current;
  }

  /**
   * Replaces the observers. One that is new is notified of every member before this returns; one
   * that stays is not notified of the exchange; one that goes gets no more events, and releases
   * later what it was asked to release before. Observers are compared by identity.
   *
   * @param next notified of every change from now on, in this order
   */
  public synchronized void observe(List<? extends PoolObserver> next) {
    List<PoolObserver> before = observers;
    observers = List.copyOf(next);
    for (PoolObserver observer : observers) {
      if (!isAmong(before, observer)) {
        members.values().forEach(member -> notifyObserver(observer, o -> o.added(member)));
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // observers are compared by identity
  private static boolean isAmong(List<PoolObserver> observers, PoolObserver observer) {
    return observers.stream().anyMatch(known -> known == observer);
  }

  @Override
  public synchronized void keep(Collection<Endpoint> endpoints) {
    Map<EndpointId, Endpoint> wanted = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints) {
      wanted.put(endpoint.id(), endpoint);
    }
    List<EndpointState> gone = membersOutside(wanted);
    members.keySet().retainAll(wanted.keySet());
    wanted.values().forEach(this::admit);
    current = PoolSnapshot.of(current.name(), members.values());
    gone.forEach(this::dismiss);
  }

  @Override
  public synchronized void change(Collection<EndpointId> gone, Collection<Endpoint> put) {
    List<EndpointState> left = new ArrayList<>();
    for (EndpointId id : gone) {
      @Nullable EndpointState member = members.remove(id);
      if (member != null) {
        left.add(member);
      }
    }
    List<EndpointState> come = new ArrayList<>();
    for (Endpoint endpoint : put) {
      boolean isNew = !members.containsKey(endpoint.id());
      admit(endpoint);
      if (isNew) {
        come.add(Objects.requireNonNull(members.get(endpoint.id())));
      }
    }
    current = current.changed(left, come);
    left.forEach(this::dismiss);
  }

  private List<EndpointState> membersOutside(Map<EndpointId, Endpoint> wanted) {
    List<EndpointState> outside = new ArrayList<>();
    members.forEach(
        (id, state) -> {
          if (!wanted.containsKey(id)) {
            outside.add(state);
          }
        });
    return outside;
  }

  private void admit(Endpoint endpoint) {
    @Nullable EndpointState known = members.get(endpoint.id());
    if (known == null) {
      int slot = takenSlots.nextClearBit(0);
      takenSlots.set(slot);
      var state = new EndpointState(slot, ++incarnations, endpoint, unsampled);
      members.put(endpoint.id(), state);
      notifyObservers(observer -> observer.added(state));
    } else if (!known.endpoint().equals(endpoint)) {
      known.describe(endpoint);
      notifyObservers(observer -> observer.changed(known));
    }
  }

  private void dismiss(EndpointState state) {
    // one more than there are observers, so that the slot stays taken until all have been notified
    var holders = new AtomicInteger(observers.size() + 1);
    for (PoolObserver observer : observers) {
      var isHeld = new AtomicBoolean(true);
      Runnable released =
          () -> {
            if (isHeld.getAndSet(false)) {
              release(state, holders);
            }
          };
      try {
        observer.removed(state, released);
      } catch (Throwable thrown) {
        report(observer, thrown);
        released.run(); // it will not do so itself, and a slot must not leak
      }
    }
    release(state, holders);
  }

  private void notifyObservers(Consumer<PoolObserver> news) {
    observers.forEach(observer -> notifyObserver(observer, news));
  }

  private void notifyObserver(PoolObserver observer, Consumer<PoolObserver> news) {
    try {
      news.accept(observer);
    } catch (Throwable thrown) {
      report(observer, thrown);
    }
  }

  private void report(PoolObserver observer, Throwable thrown) {
    String name = observer.getClass().getSimpleName();
    faults.failed(EXTENSION_POINT, name, name, NonFatal.orThrow(thrown));
  }

  private void release(EndpointState state, AtomicInteger holders) {
    if (holders.decrementAndGet() == 0) {
      synchronized (this) {
        takenSlots.clear(state.slot());
      }
    }
  }
}
