package ai.llmd.epp.adapter.state.redis;

import java.nio.charset.StandardCharsets;

/** Numbers from 0 as others may have written them, or something else in their place. */
final class RedisNumbers {

  /** Of the largest number. */
  private static final int MAX_DIGITS = 19;

  private RedisNumbers() {}

  /** The number, or else what the caller takes for none. */
  static long orElse(byte[] digits, long none) {
    if (digits.length == 0 || digits.length > MAX_DIGITS) {
      return none;
    }
    try {
      long number = Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
      return number < 0 ? none : number;
    } catch (NumberFormatException e) {
      return none;
    }
  }
}
