package ai.llmd.epp.replication.snapshot;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.state.BoundSession;
import ai.llmd.epp.domain.state.SessionDirectory;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.EndpointLives;
import ai.llmd.epp.replication.state.ReplicaState;
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
 * The state of a replica, chunk by chunk, so that it is never in memory twice: first the progress
 * of each writer, then the blocks of one endpoint after the other, then the sessions, then the
 * latest times of requests, then what is known of engines' caches. It is read while requests go on;
 * what is learned meanwhile may or may not be included. One thread.
 */
public final class SnapshotWriter implements ReplicationLog.Chunks {

  private static final int CHUNK_BYTES = 256 << 10;
  private static final int MAX_HASHES = 4_096;
  private static final long INDEX_TIMEOUT_SECONDS = 10;

  /** The blocks of one endpoint in one index. */
  private record Section(String producer, PrefixCacheIndex index, EndpointState member) {}

  /** The times of one endpoint as one producer learns them. */
  private record Lesson(String producer, LearnedLatencies learned, EndpointState member) {}

  @SuppressWarnings("ArrayRecordComponent") // written at once, never compared
  private record Held(int capacity, long[] newestFirst) {}

  private final long writer;
  private final long takenAtMicros;
  private final EndpointLives lives;
  private final IndexWriter indexes;
  private final BatchWriter out = new BatchWriter();
  private final Deque<Section> sections = new ArrayDeque<>();
  private final Deque<Map.Entry<String, SessionDirectory>> directories = new ArrayDeque<>();
  private final Deque<Lesson> lessons = new ArrayDeque<>();
  private final EngineCachePieces caches;
  private @Nullable Section section;
  private Held held = new Held(0, new long[0]);
  private int left;
  private String plugin = "";
  private Iterator<BoundSession> sessions = Collections.emptyIterator();
  private long bytes;

  /**
   * @param progress by writer, this replica included, the sequence number up to which everything
   *     was handed to the index writer before
   */
  public SnapshotWriter(
      long writer, long takenAtMicros, Map<Long, Long> progress, ReplicaState state) {
    this.writer = writer;
    this.takenAtMicros = takenAtMicros;
    this.lives = state.lives();
    this.indexes = state.indexes();
    var members = state.members().all();
    progress.forEach(out::progress);
    state
        .shared()
        .prefixIndexes()
        .forEach(
            (producer, index) ->
                members.forEach(member -> sections.add(new Section(producer, index, member))));
    state
        .shared()
        .latencies()
        .forEach(
            (producer, learned) ->
                members.forEach(member -> lessons.add(new Lesson(producer, learned, member))));
    caches = new EngineCachePieces(state.shared().engineCaches(), members, lives);
    directories.addAll(state.shared().sessionDirectories().entrySet());
    members.forEach(member -> out.endpoint(lives.of(member.endpoint().id())));
  }

  /** Bytes of the chunks so far. */
  public long bytes() {
    return bytes;
  }

  @Override
  public byte @Nullable [] next() throws StoreException {
    while (out.size() < CHUNK_BYTES && out.hasRoomInDictionary() && addSome()) {
      // until a chunk is full or everything is in
    }
    if (out.isEmpty()) {
      return null;
    }
    byte[] chunk = out.seal(BatchHead.ofSnapshot(writer, takenAtMicros));
    bytes += chunk.length;
    return chunk;
  }

  private boolean addSome() throws StoreException {
    return addBlocks() || addSessions() || addObservations() || caches.addTo(out);
  }

  private boolean addBlocks() throws StoreException {
    while (left == 0) {
      section = sections.poll();
      if (section == null) {
        return false;
      }
      held = read(section);
      left = held.newestFirst().length;
    }
    Section from = section;
    if (from == null) {
      return false;
    }
    int start = Math.max(0, left - MAX_HASHES);
    EndpointLife life = lives.of(from.member().endpoint().id());
    out.blocks(from.producer(), life, held.capacity(), held.newestFirst(), start, left);
    left = start;
    return true;
  }

  /** Only who writes indexes may list one. */
  private Held read(Section from) throws StoreException {
    var read = new CompletableFuture<Held>();
    int slot = from.member().slot();
    indexes.run(
        () -> {
          try {
            read.complete(new Held(from.index().capacityOf(slot), from.index().blocksOf(slot)));
          } catch (Throwable thrown) {
            read.completeExceptionally(NonFatal.orThrow(thrown));
          }
        });
    try {
      return read.get(INDEX_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("the snapshot was interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new StoreException("the prefix index could not be read", e);
    }
  }

  private boolean addObservations() {
    Lesson lesson = lessons.poll();
    if (lesson == null) {
      return false;
    }
    EndpointLife life = lives.of(lesson.member().endpoint().id());
    for (StampedObservation observation : lesson.learned().recent(life.id())) {
      out.observed(lesson.producer(), life, observation);
    }
    return true;
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
