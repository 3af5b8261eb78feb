package ai.llmd.epp.adapter.files.planted;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;

final class SpeaksWithEnvoy {
  final ProcessingResponse answer = ProcessingResponse.getDefaultInstance();
}
