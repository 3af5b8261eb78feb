package ai.llmd.epp.adapter.extproc.transport;

import io.netty.util.collection.IntObjectHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The streams of a connection that are not over, by number. The connection's thread. */
final class OpenStreams {

  /** Peers choose the numbers, and cannot choose such as lie in one place of the table. */
  private static final int MIX = ThreadLocalRandom.current().nextInt() | 1;

  private final IntObjectHashMap<StreamCall<?, ?>> byPlace = new IntObjectHashMap<>();

  /** They wait for the connection's window. */
  private final LinkedHashSet<StreamCall<?, ?>> blocked = new LinkedHashSet<>();

  /** Another one for each number. */
  private static int place(int id) {
    int mixed = id * MIX;
    return mixed ^ mixed >>> 15;
  }

  @Nullable StreamCall<?, ?> get(int id) {
    return byPlace.get(place(id));
  }

  void add(StreamCall<?, ?> call) {
    byPlace.put(place(call.id()), call);
  }

  /** It waits for nothing any more, either. */
  void remove(StreamCall<?, ?> call) {
    byPlace.remove(place(call.id()));
    if (!blocked.isEmpty()) {
      blocked.remove(call);
    }
  }

  int size() {
    return byPlace.size();
  }

  boolean isEmpty() {
    return byPlace.isEmpty();
  }

  /** Those of now, some of which may end while they are gone through. */
  List<StreamCall<?, ?>> all() {
    return List.copyOf(byPlace.values());
  }

  /** It waits for the connection's window. */
  void block(StreamCall<?, ?> call) {
    blocked.add(call);
  }

  /** Each that waits sends one frame in turn, while the connection's window lasts. */
  void sendByTurns(SendWindow connection) {
    while (connection.left() > 0 && !blocked.isEmpty()) {
      blocked.removeFirst().unblocked();
    }
  }
}
