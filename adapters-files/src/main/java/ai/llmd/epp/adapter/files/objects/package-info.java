/** Objectives and rewrites from files that are followed, where no Kubernetes holds them. */
@NullMarked
package ai.llmd.epp.adapter.files.objects;

import org.jspecify.annotations.NullMarked;
