package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.adapter.state.redis.RedisScript.argument;

import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Extent;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the stream and sees what is missing in it.
 *
 * <p>Every entry carries its number, so nothing is missing when the first one read is the successor
 * of the one at the position asked for. The number of that one is remembered from the last read, or
 * looked up; when it is not there any more, something after it may be gone as well. A stream that
 * ends before the position is another one: it was flushed, or the server lost it or was replaced by
 * one that had not seen everything.
 *
 * <p>Whoever can write to the server can write anything into the stream. An entry without a number
 * is another program's: it is passed on, for the caller to refuse, and counts neither as missing
 * nor as the end of what is known.
 *
 * <p>For one thread.
 */
final class RedisReader {

  /** More than a reader requests, see the port. */
  private static final int MAX_ENTRIES = 1000;

  /** There is no entry at a position, so some behind it may be gone as well. */
  private static final long UNKNOWN = -1;

  /** The entry at a position has no number: nothing can be told from the next one's. */
  private static final long ANY = -2;

  /** Of a page; one entry may go beyond it. */
  private static final int MAX_PAGE_BYTES = 4 << 20;

  /** Several times what any replica appends. */
  private static final int MAX_ENTRY_BYTES = 1 << 20;

  /** Of an entry, as the script answers: position, number and batch. */
  private static final int FIELDS = 3;

  private final RedisLink link;
  private final String stream;
  private Position last = Position.START;
  private long lastNumber;

  RedisReader(RedisLink link, String stream) {
    this.link = link;
    this.stream = stream;
  }

  Page read(Position after, int mostEntries, Duration wait) throws StoreException {
    int count = Math.min(mostEntries, MAX_ENTRIES);
    long number = numberAt(after);
    List<Numbered> found = behind(after, count);
    if (found.isEmpty() && number != UNKNOWN && wait.toMillis() > 0) {
      if (!waitForMore(after, wait)) {
        return isBehindTheEnd(after) ? fromTheStart(count) : new Page(List.of(), after, false);
      }
      found = behind(after, count);
    }
    if (!found.isEmpty()) {
      return page(found, number);
    }
    return number == UNKNOWN || isBehindTheEnd(after)
        ? fromTheStart(count)
        : new Page(List.of(), after, false);
  }

  private boolean isBehindTheEnd(Position position) throws StoreException {
    return extent().newest().compareTo(position) < 0;
  }

  private Page fromTheStart(int count) throws StoreException {
    List<Numbered> found = behind(Position.START, count);
    if (!found.isEmpty()) {
      return page(found, UNKNOWN);
    }
    remember(Position.START, 0);
    return new Page(List.of(), Position.START, true);
  }

  Extent extent() throws StoreException {
    List<byte[]> ends = RedisScript.EXTENT.run(link, List.of(stream));
    return ends.isEmpty()
        ? new Extent(Position.START, Position.START)
        : new Extent(positionOf(ends.getFirst()), positionOf(ends.getLast()));
  }

  private long numberAt(Position position) throws StoreException {
    if (position.equals(Position.START)) {
      return 0;
    } else if (position.equals(last)) {
      return lastNumber;
    }
    // the entry itself, if it is there, is the first one behind the position before it
    List<Numbered> found = behind(before(position), 1);
    return found.isEmpty() || !found.getFirst().entry().position().equals(position)
        ? UNKNOWN
        : found.getFirst().number();
  }

  private static Position before(Position position) {
    return position.minor() == 0
        ? new Position(position.major() - 1, -1) // both are unsigned
        : new Position(position.major(), position.minor() - 1);
  }

  /** An entry and its number among all, or {@link #ANY}. */
  private record Numbered(Entry entry, long number) {}

  private List<Numbered> behind(Position after, int count) throws StoreException {
    List<byte[]> read =
        RedisScript.READ.run(
            link,
            List.of(stream),
            argument(RedisPositions.text(after)),
            argument(count),
            argument(MAX_PAGE_BYTES),
            argument(MAX_ENTRY_BYTES));
    List<Numbered> found = new ArrayList<>(read.size() / FIELDS);
    for (int i = 0; i + FIELDS <= read.size(); i += FIELDS) {
      found.add(
          new Numbered(
              new Entry(positionOf(read.get(i)), read.get(i + 2)),
              RedisNumbers.orElse(read.get(i + 1), ANY)));
    }
    return found;
  }

  /** Whether anything came; what it is, is read in a way that is bounded. */
  private boolean waitForMore(Position after, Duration wait) throws StoreException {
    StreamOffset<String> from = StreamOffset.from(stream, RedisPositions.text(after));
    XReadArgs one = XReadArgs.Builder.count(1).block(wait);
    List<StreamMessage<String, byte[]>> came = link.call(wait, redis -> redis.xread(one, from));
    return !came.isEmpty();
  }

  /**
   * @param before number of the entry at the position asked for
   */
  private Page page(List<Numbered> found, long before) {
    List<Entry> entries = new ArrayList<>(found.size());
    boolean hasGap = before == UNKNOWN;
    long number = before == UNKNOWN ? ANY : before;
    for (Numbered next : found) {
      entries.add(next.entry());
      if (next.number() != ANY) {
        hasGap |= number != ANY && next.number() != number + 1;
        number = next.number();
      }
    }
    remember(entries.getLast().position(), number);
    return new Page(entries, last, hasGap);
  }

  private void remember(Position position, long number) {
    last = position;
    lastNumber = number;
  }

  private static Position positionOf(byte[] id) throws StoreException {
    Position position = RedisPositions.parse(new String(id, StandardCharsets.US_ASCII));
    if (position == null) { // the server itself makes them
      throw new StoreException("redis answered with an entry that has no place in the log");
    }
    return position;
  }
}
