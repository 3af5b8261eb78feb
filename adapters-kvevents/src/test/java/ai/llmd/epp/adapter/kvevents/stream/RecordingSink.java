package ai.llmd.epp.adapter.kvevents.stream;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what it takes, in words. */
final class RecordingSink implements EventSink {

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private volatile Applied answer = Applied.WHOLE;

  /** Has it throw at a message. */
  void failAt(String message) {
    failing.add(message);
  }

  /** Has it not know an endpoint. */
  void unknown(String endpoint) {
    unknown.add(endpoint);
  }

  void answer(Applied next) {
    answer = next;
  }

  List<String> taken() {
    return taken;
  }

  @Override
  public boolean knows(String endpoint) {
    return !unknown.contains(endpoint);
  }

  @Override
  public Applied message(String endpoint, String model, byte[] payload) {
    String message = endpoint + " " + model + " " + new String(payload, StandardCharsets.UTF_8);
    taken.add(message);
    if (failing.contains(message)) {
      throw new IllegalStateException(message);
    }
    return answer;
  }

  @Override
  public void clear(String endpoint) {
    taken.add("clear " + endpoint);
  }

  @Override
  public void forget(String endpoint) {
    taken.add("forget " + endpoint);
  }
}
