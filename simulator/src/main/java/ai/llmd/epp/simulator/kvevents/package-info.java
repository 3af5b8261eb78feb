/** Events about the prefix cache, over ZeroMQ as vLLM and SGLang publish them. */
@org.jspecify.annotations.NullMarked
package ai.llmd.epp.simulator.kvevents;
