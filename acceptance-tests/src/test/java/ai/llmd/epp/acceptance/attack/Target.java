package ai.llmd.epp.acceptance.attack;

import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;

/** Who is asked, and so what carries a piece of a body. */
enum Target {
  /** By messages of ext-proc. */
  PICKER {
    @Override
    int open(RawGateway gateway, String path) {
      int stream = gateway.open();
      gateway.send(
          stream, RawGateway.message(Messages.requestHeaders(false, ":path", path).toByteArray()));
      return stream;
    }

    @Override
    byte[] wire(byte[] body, int pieceBytes) {
      ByteArrayOutputStream wire = new ByteArrayOutputStream();
      for (int from = 0; from < body.length; from += pieceBytes) {
        int length = Math.min(pieceBytes, body.length - from);
        wire.writeBytes(
            RawGateway.message(
                Messages.requestBody(ByteString.copyFrom(body, from, length), false)
                    .toByteArray()));
      }
      return wire.toByteArray();
    }

    @Override
    int frameBytes(int pieceBytes) {
      return MAX_FRAME;
    }

    @Override
    void end(RawGateway gateway, int stream) {
      gateway.send(stream, RawGateway.message(Messages.requestBody("", true).toByteArray()));
    }
  },

  /** By HTTP/2, in frames as large as the pieces. */
  ENVOY {
    @Override
    int open(RawGateway gateway, String path) {
      return gateway.open(path, "application/json");
    }

    @Override
    byte[] wire(byte[] body, int pieceBytes) {
      return body;
    }

    @Override
    int frameBytes(int pieceBytes) {
      return Math.min(pieceBytes, MAX_FRAME);
    }

    @Override
    void end(RawGateway gateway, int stream) {
      gateway.end(stream);
    }
  };

  private static final int MAX_FRAME = 16_384;

  /** Begins a request with a body to come; returns its stream. */
  abstract int open(RawGateway gateway, String path);

  /** What is sent for a part of a body that comes in pieces of a size. */
  abstract byte[] wire(byte[] body, int pieceBytes);

  /** The frames in which that is sent. */
  abstract int frameBytes(int pieceBytes);

  /** Ends a request. */
  abstract void end(RawGateway gateway, int stream);
}
