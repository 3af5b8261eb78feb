/** Reads the events of KV caches as vLLM and SGLang publish them. */
@NullMarked
package ai.llmd.epp.adapter.kvevents;

import org.jspecify.annotations.NullMarked;
