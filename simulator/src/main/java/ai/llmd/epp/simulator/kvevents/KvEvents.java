package ai.llmd.epp.simulator.kvevents;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.simulator.engine.CacheObserver;
import ai.llmd.epp.simulator.engine.Job;
import ai.llmd.epp.simulator.engine.Timeline;
import ai.llmd.epp.simulator.settings.KvEventSettings;
import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpPublisher;
import ai.llmd.epp.zmtp.ZmtpReplier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what the prefix cache of one server holds. Events are collected until there are enough
 * for a message, or for {@value #LONGEST_WAIT_MILLIS} ms. The engine's thread.
 */
public final class KvEvents implements CacheObserver, AutoCloseable {

  private static final int LONGEST_WAIT_MILLIS = 20;

  private final KvEventSettings settings;
  private final String model;
  private final Timeline timeline;
  private final RandomGenerator random;
  private final EventWriter writer;
  private final ZmtpPublisher publisher;
  private final @Nullable ZmtpReplier replier;
  private final List<byte[]> collected = new ArrayList<>();
  private final Deque<byte[][]> kept = new ArrayDeque<>(); // guarded by itself
  private byte[] topic = {};
  private long number;
  private boolean isFlushDue;

  /**
   * Begins to listen or to connect.
   *
   * @param model in topics
   * @param index of the server in its process, by which ports are higher
   * @throws IOException if an address cannot be used
   */
  public KvEvents(
      KvEventSettings settings,
      String model,
      int blockTokens,
      int index,
      Timeline timeline,
      RandomGenerator random)
      throws IOException {
    this.settings = settings;
    this.model = model;
    this.timeline = timeline;
    this.random = random;
    this.writer = new EventWriter(settings.isMap(), blockTokens);
    ZmtpAddress address = ZmtpAddress.of(settings.endpoint());
    this.publisher =
        address.host().isEmpty() || address.port() == 0
            ? ZmtpPublisher.bound(listening(settings, address, index))
            : ZmtpPublisher.connecting(address);
    try {
      this.replier =
          settings.replayEndpoint().isEmpty()
              ? null
              : new ZmtpReplier(
                  listening(settings, ZmtpAddress.of(settings.replayEndpoint()), index),
                  this::replay);
    } catch (IOException e) {
      publisher.close();
      throw e;
    }
  }

  private static ZmtpAddress listening(KvEventSettings settings, ZmtpAddress address, int index) {
    String host = address.host().isEmpty() ? settings.boundHost() : address.host();
    return new ZmtpAddress(host, address.port() == 0 ? 0 : address.port() + index);
  }

  /** The server listens now, and is known by this port. */
  public void listensOn(int port) {
    topic = ("kv@" + settings.host() + ":" + port + "@" + model).getBytes(UTF_8);
  }

  /** Where subscribers connect to, or what is connected to. */
  public String address() {
    return publisher.address().toString();
  }

  /** Where missed messages are asked for; empty for nowhere. */
  public String replayAddress() {
    return replier == null ? "" : replier.address().toString();
  }

  @Override
  public void stored(Job job, long[] chain, int from) {
    collect(writer.stored(job, chain, from));
  }

  @Override
  public void removed(long block) {
    collect(writer.removed(block));
  }

  @Override
  public void cleared() {
    collect(writer.cleared());
  }

  private void collect(byte[] event) {
    collected.add(event);
    if (collected.size() >= settings.batch()) {
      flush();
    } else if (!isFlushDue) {
      isFlushDue = true;
      timeline.after(Duration.ofMillis(LONGEST_WAIT_MILLIS).toNanos(), this::flushWhenDue);
    }
  }

  private void flushWhenDue() {
    isFlushDue = false;
    if (!collected.isEmpty()) {
      flush();
    }
  }

  private void flush() {
    Msgpack batch = new Msgpack().array(3).decimal(System.currentTimeMillis() / 1000.0);
    batch.array(collected.size());
    collected.forEach(batch::raw);
    collected.clear();
    byte[][] message = {topic, bytes(number++), batch.number(0).bytes()};
    synchronized (kept) {
      if (kept.size() >= settings.kept()) {
        kept.poll();
      }
      if (settings.kept() > 0) {
        kept.add(message);
      }
    }
    if (settings.lossPercent() == 0 || random.nextInt(100) >= settings.lossPercent()) {
      publisher.publish(message);
    }
  }

  /** All messages from the asked one on, and the end. */
  private List<byte[][]> replay(byte[][] question) {
    List<byte[][]> answers = new ArrayList<>();
    if (question.length == 1 && question[0].length == Long.BYTES) {
      long from = ByteBuffer.wrap(question[0]).getLong();
      synchronized (kept) {
        for (byte[][] message : kept) {
          if (ByteBuffer.wrap(message[1]).getLong() >= from) {
            answers.add(message);
          }
        }
      }
    }
    answers.add(new byte[][] {new byte[0], bytes(-1), new byte[0]});
    return answers;
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  @Override
  public void close() {
    publisher.close();
    if (replier != null) {
      replier.close();
    }
  }
}
