package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.domain.prefix.XxHash64;
import java.util.Arrays;

/**
 * What the latest messages of a publisher looked like. Tells a message that arrives again, which is
 * the same to the last byte, from another one of the same number: every batch carries the time of
 * its making, so that a publisher that began again does not repeat itself. One thread.
 */
final class RecentMessages {

  /** What is known of a number. */
  enum Known {
    /** It was this message. */
    SAME,
    /** It was another message. */
    OTHER,
    /** There was none, or it was too long ago. */
    NOTHING
  }

  /** Messages that are remembered: 4 KiB for each publisher. */
  static final int MAX_MESSAGES = 256;

  private static final long NONE = -1;

  private final long[] numbers = new long[MAX_MESSAGES];
  private final long[] hashes = new long[MAX_MESSAGES];

  RecentMessages() {
    forget();
  }

  void forget() {
    Arrays.fill(numbers, NONE);
  }

  void add(long number, byte[] payload) {
    int at = place(number);
    numbers[at] = number;
    hashes[at] = hash(payload);
  }

  /** Notes a message that was received elsewhere. */
  void note(long number, long fingerprint) {
    numbers[place(number)] = number;
    hashes[place(number)] = fingerprint;
  }

  boolean has(long number) {
    return number != NONE && numbers[place(number)] == number;
  }

  /** Of a message that it has. */
  long fingerprint(long number) {
    return hashes[place(number)];
  }

  Known compare(long number, byte[] payload) {
    int at = place(number);
    if (number == NONE || numbers[at] != number) {
      return Known.NOTHING;
    }
    return hashes[at] == hash(payload) ? Known.SAME : Known.OTHER;
  }

  private static int place(long number) {
    return (int) (number & MAX_MESSAGES - 1);
  }

  private static long hash(byte[] payload) {
    return XxHash64.hash(payload, 0, payload.length, 0);
  }
}
