package ai.llmd.epp.traces.span;

import java.util.HexFormat;

/**
 * The 16 bytes that name a trace, never all zero.
 *
 * @param high the first eight of them
 * @param low the last eight
 */
public record TraceId(long high, long low) {

  /** 32 hexadecimal digits. */
  public String text() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high).concat(hex.toHexDigits(low));
  }
}
