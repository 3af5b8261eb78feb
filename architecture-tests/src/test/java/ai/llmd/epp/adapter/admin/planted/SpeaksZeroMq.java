package ai.llmd.epp.adapter.admin.planted;

import ai.llmd.epp.zmtp.ZmtpStream;

final class SpeaksZeroMq {
  final Class<?> known = ZmtpStream.class;
}
