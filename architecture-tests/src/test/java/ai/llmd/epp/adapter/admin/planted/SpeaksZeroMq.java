package ai.llmd.epp.adapter.admin.planted;

import org.zeromq.ZContext;

final class SpeaksZeroMq {
  final Class<?> known = ZContext.class;
}
