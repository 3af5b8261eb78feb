package ai.llmd.epp.adapter.files.planted;

import io.fabric8.kubernetes.api.model.Pod;

final class SpeaksKubernetes {
  final Pod pod = new Pod();
}
