package ai.llmd.epp.adapter.kvevents.stream;

/**
 * What came over a connection, in the order in which it came.
 *
 * @param frames of a message
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Received(Kind kind, byte[][] frames) {

  enum Kind {
    MESSAGE,
    /** There is a connection, and the handshake was done. */
    CONNECTED,
    /** There is none any more. */
    LOST
  }

  static final Received CONNECTED = new Received(Kind.CONNECTED, new byte[0][]);
  static final Received LOST = new Received(Kind.LOST, new byte[0][]);

  static Received message(byte[][] frames) {
    return new Received(Kind.MESSAGE, frames);
  }

  int bytes() {
    int bytes = 0;
    for (byte[] frame : frames) {
      bytes += frame.length;
    }
    return bytes;
  }
}
