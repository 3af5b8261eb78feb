package ai.llmd.epp.zmtp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What an end of a connection is, as it names itself in the handshake. */
public enum ZmtpRole {
  PUB("SUB", "XSUB"),
  SUB("PUB", "XPUB"),
  DEALER("ROUTER", "DEALER", "REP"),
  ROUTER("DEALER", "ROUTER", "REQ");

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> peers;

  ZmtpRole(String... peers) {
    this.peers = List.of(peers);
  }

  /** The name on the wire. */
  byte[] wireName() {
    return name().getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether the protocol lets this end talk to one of that name. */
  boolean talksTo(byte[] peer) {
    return peers.stream()
        .anyMatch(each -> Arrays.equals(each.getBytes(StandardCharsets.US_ASCII), peer));
  }
}
