package ai.llmd.epp.adapter.files.planted;

import io.grpc.Status;

final class SpeaksGrpc {
  final Status status = Status.OK;
}
