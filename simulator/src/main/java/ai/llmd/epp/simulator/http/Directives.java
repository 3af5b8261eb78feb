package ai.llmd.epp.simulator.http;

import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.simulator.openai.InvalidRequestException;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;

/**
 * What a request's headers want to go wrong.
 *
 * @param errorStatus {@code X-Return-Error}: answer this status, 0 for none
 * @param delay {@code X-Return-Delay}: rest before the request is handled
 * @param tokensBeforeDrop {@code X-Drop-After-Tokens}: close the connection once so many tokens
 *     exist, 0 before anything is sent, -1 for never
 * @param missesCacheThreshold {@code X-Cache-Threshold-Finish-Reason}: answer as if too little was
 *     cached
 */
record Directives(
    int errorStatus, Duration delay, int tokensBeforeDrop, boolean missesCacheThreshold) {

  /**
   * Reads them.
   *
   * @throws InvalidRequestException when one has a wrong value
   */
  static Directives of(HttpHeaders headers) {
    return new Directives(
        number(headers, "X-Return-Error", 400, 599, 0),
        duration(headers, "X-Return-Delay"),
        number(headers, "X-Drop-After-Tokens", 0, Integer.MAX_VALUE, -1),
        "true".equalsIgnoreCase(headers.get("X-Cache-Threshold-Finish-Reason")));
  }

  private static int number(HttpHeaders headers, String name, int least, int most, int absent) {
    String value = headers.get(name);
    if (value == null) {
      return absent;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // the same sentence as for a number out of range
    }
    throw new InvalidRequestException(
        name + " must be a number from " + least + " to " + most + ".");
  }

  private static Duration duration(HttpHeaders headers, String name) {
    String value = headers.get(name);
    try {
      return value == null ? Duration.ZERO : GoDuration.parseUnsigned(value);
    } catch (IllegalArgumentException wrong) {
      throw new InvalidRequestException(name + ": " + wrong.getMessage());
    }
  }
}
