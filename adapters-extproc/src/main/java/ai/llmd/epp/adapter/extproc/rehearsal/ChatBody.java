package ai.llmd.epp.adapter.extproc.rehearsal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Random;

/**
 * The body of a chat, in the message that carries it. It is written once and changed in place for
 * each request, so that a program which exercises itself is not mostly busy with making bodies, and
 * no larger for them afterwards. One thread.
 */
final class ChatBody {

  private static final int CUSTOMERS = 8; // whose prompts begin alike
  private static final byte[] BEFORE_CUSTOMER = "of customer ".getBytes(US_ASCII);
  private static final int WORD = 11; // characters with the space behind it

  private final byte[] message;
  private final int customer; // where its digit is
  private final int ownFrom; // where the text begins that no other request has
  private final int ownTo;

  private ChatBody(byte[] message, int customer, int ownFrom, int ownTo) {
    this.message = message;
    this.customer = customer;
    this.ownFrom = ownFrom;
    this.ownTo = ownTo;
  }

  /**
   * Writes it.
   *
   * @param bytes about its size; a tenth of it is a request's own
   * @param streams whether it asks for a response of events
   */
  static ChatBody of(int bytes, boolean streams) {
    StringBuilder text =
        new StringBuilder(bytes + WORD).append("You help in the house of customer 0. ");
    while (text.length() < bytes * 9 / 10) {
      text.append("Be kind and say \\\"yes\\\" to number ").append(text.length()).append(". ");
    }
    int shared = text.length();
    text.repeat('0', Math.max(0, bytes - shared));
    byte[] message =
        GatewayMessages.requestBody(
            "{\"model\":\"m\",\"stream\":%b,\"max_tokens\":100,".formatted(streams)
                + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(text));
    int customer = end(BEFORE_CUSTOMER, message);
    int from = customer + shared - text.indexOf("0");
    return new ChatBody(message, customer, from, from + text.length() - shared);
  }

  /** Where these bytes, which are in the message, end. */
  private static int end(byte[] sought, byte[] message) {
    int from = 0;
    while (!Arrays.equals(message, from, from + sought.length, sought, 0, sought.length)) {
      from++;
    }
    return from + sought.length;
  }

  /**
   * The message of another request: of some customer, with words of its own.
   *
   * @return the same array each time
   */
  byte[] next(Random random) {
    message[customer] = digit(random.nextInt(CUSTOMERS));
    for (int i = ownFrom; i < ownTo; i++) {
      message[i] = (i - ownFrom) % WORD == WORD - 1 ? (byte) ' ' : digit(random.nextInt(10));
    }
    return message;
  }

  private static byte digit(int value) {
    return (byte) ('0' + value);
  }
}
