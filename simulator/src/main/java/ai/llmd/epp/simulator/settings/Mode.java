package ai.llmd.epp.simulator.settings;

import java.util.Locale;

/** What a server answers. */
public enum Mode {
  /** Random words. */
  RANDOM,
  /** The last message of a chat, or the prompt. */
  ECHO;

  /** The name in flags. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
