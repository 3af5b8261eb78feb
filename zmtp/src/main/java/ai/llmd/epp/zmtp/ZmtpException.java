package ai.llmd.epp.zmtp;

import java.io.IOException;

/** The peer does not keep to the protocol, or to the limits. Its connection is of no use. */
public final class ZmtpException extends IOException {

  private static final long serialVersionUID = 1;

  ZmtpException(String message) {
    super(message);
  }
}
