package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.session.SessionDirectory;
import ai.llmd.epp.domain.sharing.BoundSession;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a replica knows, piece by piece, so that it is never in memory twice: first how far each
 * replica was heard, then the blocks of one endpoint after the other, then the sessions. It is read
 * while requests go on; what is learned meanwhile may or may not be in it. One thread.
 */
final class SnapshotWriter implements ReplicationLog.Chunks {

  private static final int CHUNK_BYTES = 256 << 10;
  private static final int MOST_HASHES = 4_096;
  private static final long WRITER_SECONDS = 10;

  private record Shelf(String producer, PrefixCacheIndex index, EndpointState member) {}

  private record Held(int capacity, long[] newestFirst) {}

  private final long writer;
  private final long takenAtMicros;
  private final EndpointLives lives;
  private final IndexWriter indexes;
  private final BatchWriter out = new BatchWriter();
  private final Deque<Shelf> shelves = new ArrayDeque<>();
  private final Deque<Map.Entry<String, SessionDirectory>> directories = new ArrayDeque<>();
  private @Nullable Shelf shelf;
  private Held held = new Held(0, new long[0]);
  private int left;
  private String plugin = "";
  private Iterator<BoundSession> sessions = Collections.emptyIterator();
  private long bytes;

  /**
   * @param heard how far each replica was heard when everything that follows was handed to the
   *     index writer already, this replica included
   */
  SnapshotWriter(
      long writer,
      long takenAtMicros,
      Map<Long, Long> heard,
      SharedState state,
      Members members,
      EndpointLives lives,
      IndexWriter indexes) {
    this.writer = writer;
    this.takenAtMicros = takenAtMicros;
    this.lives = lives;
    this.indexes = indexes;
    heard.forEach(out::progress);
    state
        .prefixIndexes()
        .forEach(
            (producer, index) ->
                members.all().forEach(member -> shelves.add(new Shelf(producer, index, member))));
    directories.addAll(state.sessionDirectories().entrySet());
    members.all().forEach(member -> out.endpoint(lives.of(member.endpoint().id())));
  }

  /** Bytes given so far. */
  long bytes() {
    return bytes;
  }

  @Override
  public byte @Nullable [] next() throws StoreException {
    while (out.size() < CHUNK_BYTES && out.hasRoomForMentions() && addSome()) {
      // goes on until a chunk is full or everything is said
    }
    if (out.isEmpty()) {
      return null;
    }
    byte[] chunk = out.seal(BatchHead.ofSnapshot(writer, takenAtMicros));
    bytes += chunk.length;
    return chunk;
  }

  private boolean addSome() throws StoreException {
    return addBlocks() || addSessions();
  }

  private boolean addBlocks() throws StoreException {
    while (left == 0) {
      shelf = shelves.poll();
      if (shelf == null) {
        return false;
      }
      held = read(shelf);
      left = held.newestFirst().length;
    }
    Shelf from = shelf;
    if (from == null) {
      return false;
    }
    int start = Math.max(0, left - MOST_HASHES);
    EndpointLife life = lives.of(from.member().endpoint().id());
    out.blocks(from.producer(), life, held.capacity(), held.newestFirst(), start, left);
    left = start;
    return true;
  }

  /** Only the writer's thread may look. */
  private Held read(Shelf from) throws StoreException {
    var read = new CompletableFuture<Held>();
    int slot = from.member().slot();
    indexes.run(
        () -> {
          try {
            read.complete(new Held(from.index().capacityOf(slot), from.index().blocksOf(slot)));
          } catch (RuntimeException e) {
            read.completeExceptionally(e);
          }
        });
    try {
      return read.get(WRITER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("the snapshot was interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new StoreException("the prefix index could not be read", e);
    }
  }

  private boolean addSessions() {
    while (!sessions.hasNext()) {
      Map.Entry<String, SessionDirectory> next = directories.poll();
      if (next == null) {
        return false;
      }
      plugin = next.getKey();
      sessions = next.getValue().sessions();
    }
    BoundSession session = sessions.next();
    out.session(plugin, session.session(), lives.of(session.endpoint()), session.stamp());
    return true;
  }
}
