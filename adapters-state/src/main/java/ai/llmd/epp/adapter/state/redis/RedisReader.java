package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Extent;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
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
 * <p>For one thread.
 */
final class RedisReader {

  /** More than a reader requests, see the port. */
  private static final int MAX_ENTRIES = 1000;

  private static final long UNKNOWN = -1;
  private static final Range<String> EVERYTHING = Range.unbounded();

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
    List<StreamMessage<String, byte[]>> messages =
        messages(after, count, number == UNKNOWN ? Duration.ZERO : wait);
    if (!messages.isEmpty()) {
      return page(messages, numberOf(messages.getFirst()) != number + 1 || number == UNKNOWN);
    }
    Position end = extent().newest();
    if (number != UNKNOWN && end.compareTo(after) >= 0) {
      return new Page(List.of(), after, false);
    }
    messages = messages(Position.START, count, Duration.ZERO);
    return messages.isEmpty() ? lostWithoutEntries() : page(messages, true);
  }

  private Page lostWithoutEntries() {
    remember(Position.START, 0);
    return new Page(List.of(), Position.START, true);
  }

  Extent extent() throws StoreException {
    List<StreamMessage<String, byte[]>> newest =
        link.call(redis -> redis.xrevrange(stream, EVERYTHING, Limit.from(1)));
    if (newest.isEmpty()) {
      return new Extent(Position.START, Position.START);
    }
    List<StreamMessage<String, byte[]>> oldest =
        link.call(redis -> redis.xrange(stream, EVERYTHING, Limit.from(1)));
    return new Extent(
        positionOf(oldest.isEmpty() ? newest.getFirst() : oldest.getFirst()),
        positionOf(newest.getFirst()));
  }

  private long numberAt(Position position) throws StoreException {
    if (position.equals(Position.START)) {
      return 0;
    } else if (position.equals(last)) {
      return lastNumber;
    }
    String id = RedisPositions.text(position);
    List<StreamMessage<String, byte[]>> found =
        link.call(redis -> redis.xrange(stream, Range.create(id, id)));
    return found.isEmpty() ? UNKNOWN : numberOf(found.getFirst());
  }

  private List<StreamMessage<String, byte[]>> messages(Position after, int count, Duration wait)
      throws StoreException {
    StreamOffset<String> from = StreamOffset.from(stream, RedisPositions.text(after));
    XReadArgs arguments = XReadArgs.Builder.count(count);
    if (wait.toMillis() > 0) { // to block for 0 is to block for ever
      arguments.block(wait);
    }
    return link.call(wait, redis -> redis.xread(arguments, from));
  }

  private Page page(List<StreamMessage<String, byte[]>> messages, boolean hasGap) {
    List<Entry> entries = new ArrayList<>(messages.size());
    for (StreamMessage<String, byte[]> message : messages) {
      entries.add(new Entry(positionOf(message), field(message, "b")));
    }
    remember(entries.getLast().position(), numberOf(messages.getLast()));
    return new Page(entries, last, hasGap);
  }

  private void remember(Position position, long number) {
    last = position;
    lastNumber = number;
  }

  private static Position positionOf(StreamMessage<String, byte[]> message) {
    return RedisPositions.of(message.getId());
  }

  private static long numberOf(StreamMessage<String, byte[]> message) {
    String number = new String(field(message, "n"), StandardCharsets.US_ASCII);
    return number.isEmpty() ? UNKNOWN : Long.parseLong(number);
  }

  /** Nothing for what an entry of another program lacks. */
  private static byte[] field(StreamMessage<String, byte[]> message, String name) {
    byte[] value = message.getBody().get(name);
    return value == null ? new byte[0] : value;
  }
}
