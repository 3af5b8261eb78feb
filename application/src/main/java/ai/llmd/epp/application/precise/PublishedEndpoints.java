package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * Slots of the pool's endpoints by the names under which model servers publish: address and port,
 * an IPv6 address without brackets. The pool's thread writes, and what ends an endpoint; any reads.
 */
final class PublishedEndpoints implements ToIntFunction<String> {

  private static final int NONE = -1;

  private final Map<String, Integer> slotByName = new ConcurrentHashMap<>();
  private final Map<Integer, String> nameBySlot = new ConcurrentHashMap<>();

  /** Notes an endpoint, or its present address; returns its name, empty without an address. */
  synchronized String put(EndpointState state) {
    Endpoint endpoint = state.endpoint();
    String name = endpoint.address().isEmpty() ? "" : endpoint.address() + ":" + endpoint.port();
    nameBySlot.put(state.slot(), name);
    if (!name.isEmpty()) {
      slotByName.put(name, state.slot());
    }
    return name;
  }

  String of(int slot) {
    return nameBySlot.getOrDefault(slot, "");
  }

  /** The endpoint is gone; returns its name, which is known until it is forgotten. */
  synchronized String take(int slot) {
    String name = of(slot);
    nameBySlot.remove(slot);
    return name;
  }

  /** Forgets a name, unless another endpoint has it, or its own has it again. */
  synchronized void forget(String name, int slot) {
    if (!of(slot).equals(name)) {
      slotByName.remove(name, slot);
    }
  }

  @Override
  public int applyAsInt(String name) {
    return slotByName.getOrDefault(name, NONE);
  }

  /** Where an endpoint's rank publishes, or answers. */
  static String socket(Endpoint endpoint, int port) {
    return "tcp://" + Endpoint.hostPort(endpoint.address(), port + endpoint.rank());
  }
}
