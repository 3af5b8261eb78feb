package ai.llmd.epp.adapter.extproc.transport;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends connections whose frames or headers do not become complete, when there is no room for those
 * of others. A frame of somebody who means well is there in milliseconds, so that those go first
 * whose bytes times age are the most. Any thread.
 */
final class RoomRelief {

  private final EventLoopGroup loops;
  private final Set<Connection> open;
  private final BufferedBytes room;

  /** Loops that have yet to look. */
  private final AtomicInteger underway = new AtomicInteger();

  RoomRelief(EventLoopGroup loops, Set<Connection> open, BufferedBytes room) {
    this.loops = loops;
    this.open = open;
    this.room = room;
  }

  /** Has every loop look after its own connections, behind what is at hand. */
  void begin() {
    if (underway.compareAndSet(0, 1)) {
      for (EventExecutor loop : loops) {
        underway.incrementAndGet();
        loop.execute(this::relieve);
      }
      underway.decrementAndGet();
    }
  }

  /** Of the calling loop. */
  private void relieve() {
    try {
      long now = System.nanoTime();
      List<Costly> costly =
          open.stream()
              .filter(connection -> connection.loop().inEventLoop())
              .map(connection -> new Costly(connection, connection.incompleteCost(now)))
              .filter(each -> each.cost > 0)
              .sorted(Comparator.comparingLong(Costly::cost).reversed())
              .toList();
      for (Costly next : costly) {
        if (room.hasRoomAgain()) {
          return;
        }
        next.connection.giveUp();
      }
    } finally {
      underway.decrementAndGet();
    }
  }

  /** A connection with a frame that is not complete. */
  private record Costly(Connection connection, long cost) {}
}
