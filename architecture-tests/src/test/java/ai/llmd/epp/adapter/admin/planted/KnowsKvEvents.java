package ai.llmd.epp.adapter.admin.planted;

import ai.llmd.epp.adapter.kvevents.KvTopic;

final class KnowsKvEvents {
  final Class<?> known = KvTopic.class;
}
