package main

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	inferencev1 "sigs.k8s.io/gateway-api-inference-extension/api/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

func (g *gateway) acceptClass(ctx context.Context) error {
	var class gatewayv1.GatewayClass
	if err := g.client.Get(ctx, types.NamespacedName{Name: className}, &class); err != nil {
		return client.IgnoreNotFound(err)
	}
	next := class.DeepCopy()
	set(&next.Status.Conditions, class.Generation, string(gatewayv1.GatewayClassConditionStatusAccepted), true,
		string(gatewayv1.GatewayClassReasonAccepted))
	return g.update(ctx, &class, next)
}

func (g *gateway) reportGateways(ctx context.Context, w *world, attachments []attachment) error {
	for _, each := range w.gateways {
		name := client.ObjectKeyFromObject(&each)
		next := each.DeepCopy()
		ip := gatewayv1.IPAddressType
		next.Status.Addresses = []gatewayv1.GatewayStatusAddress{{Type: &ip, Value: g.addresses[name]}}
		acceptAndProgram(&next.Status.Conditions, each.Generation)
		next.Status.Listeners = nil
		for _, listener := range each.Spec.Listeners {
			next.Status.Listeners = append(next.Status.Listeners, listenerStatus(&each, listener.Name, attachments))
		}
		if err := g.update(ctx, &each, next); err != nil {
			return err
		}
	}
	return nil
}

func listenerStatus(gw *gatewayv1.Gateway, name gatewayv1.SectionName, attachments []attachment) gatewayv1.ListenerStatus {
	group := gatewayv1.Group(gatewayv1.GroupName)
	status := gatewayv1.ListenerStatus{
		Name:           name,
		SupportedKinds: []gatewayv1.RouteGroupKind{{Group: &group, Kind: "HTTPRoute"}},
	}
	for _, before := range gw.Status.Listeners {
		if before.Name == name {
			status.Conditions = slices.Clone(before.Conditions)
		}
	}
	acceptAndProgram(&status.Conditions, gw.Generation)
	set(&status.Conditions, gw.Generation, string(gatewayv1.ListenerConditionResolvedRefs), true,
		string(gatewayv1.ListenerReasonResolvedRefs))
	for _, a := range attachments {
		if a.gateway == client.ObjectKeyFromObject(gw) && slices.Contains(a.listeners, name) {
			status.AttachedRoutes++
		}
	}
	return status
}

func acceptAndProgram(conditions *[]metav1.Condition, generation int64) {
	set(conditions, generation, string(gatewayv1.GatewayConditionAccepted), true, string(gatewayv1.GatewayReasonAccepted))
	set(conditions, generation, string(gatewayv1.GatewayConditionProgrammed), true, string(gatewayv1.GatewayReasonProgrammed))
}

func (g *gateway) reportRoutes(ctx context.Context, w *world, attachments []attachment) error {
	for i := range w.routes {
		route := &w.routes[i]
		next := route.DeepCopy()
		next.Status.Parents = nil
		for _, a := range attachments {
			if a.route == route {
				next.Status.Parents = append(next.Status.Parents, routeParent(w, a))
			}
		}
		if err := g.update(ctx, route, next); err != nil {
			return err
		}
	}
	return nil
}

func routeParent(w *world, a attachment) gatewayv1.RouteParentStatus {
	status := gatewayv1.RouteParentStatus{ParentRef: a.parent, ControllerName: controllerName}
	for _, before := range a.route.Status.Parents {
		if equality.Semantic.DeepEqual(before.ParentRef, a.parent) {
			status.Conditions = slices.Clone(before.Conditions)
		}
	}
	accepted, resolved := gatewayv1.RouteReasonAccepted, gatewayv1.RouteReasonResolvedRefs
	if !a.isAccepted() {
		accepted = gatewayv1.RouteReasonNoMatchingListenerHostname
	}
	for _, rule := range a.route.Spec.Rules {
		for _, backend := range rule.BackendRefs {
			name, isPool := poolOf(a.route, backend)
			if !isPool {
				resolved = gatewayv1.RouteReasonInvalidKind
			} else if w.pools[name] == nil {
				resolved = gatewayv1.RouteReasonBackendNotFound
			}
		}
	}
	set(&status.Conditions, a.route.Generation, string(gatewayv1.RouteConditionAccepted),
		accepted == gatewayv1.RouteReasonAccepted, string(accepted))
	set(&status.Conditions, a.route.Generation, string(gatewayv1.RouteConditionResolvedRefs),
		resolved == gatewayv1.RouteReasonResolvedRefs, string(resolved))
	return status
}

func (g *gateway) reportPools(ctx context.Context, w *world, attachments []attachment) error {
	for name, pool := range w.pools {
		next := pool.DeepCopy()
		next.Status.Parents = nil
		for _, each := range w.gateways {
			if parent := client.ObjectKeyFromObject(&each); refersTo(attachments, parent, name) {
				next.Status.Parents = append(next.Status.Parents, poolParent(w, pool, parent))
			}
		}
		if err := g.update(ctx, pool, next); err != nil {
			return err
		}
	}
	return nil
}

func refersTo(attachments []attachment, gateway, pool types.NamespacedName) bool {
	for _, a := range attachments {
		if a.gateway != gateway || !a.isAccepted() {
			continue
		}
		for _, rule := range a.route.Spec.Rules {
			for _, backend := range rule.BackendRefs {
				if name, isPool := poolOf(a.route, backend); isPool && name == pool {
					return true
				}
			}
		}
	}
	return false
}

func poolParent(w *world, pool *inferencev1.InferencePool, gateway types.NamespacedName) inferencev1.ParentStatus {
	group := inferencev1.Group(gatewayv1.GroupName)
	status := inferencev1.ParentStatus{
		ControllerName: controllerName,
		ParentRef: inferencev1.ParentReference{
			Group:     &group,
			Kind:      "Gateway",
			Namespace: inferencev1.Namespace(gateway.Namespace),
			Name:      inferencev1.ObjectName(gateway.Name),
		},
	}
	for _, before := range pool.Status.Parents {
		if before.ParentRef.Name == status.ParentRef.Name && before.ParentRef.Namespace == status.ParentRef.Namespace {
			status.Conditions = slices.Clone(before.Conditions)
		}
	}
	accepted, resolved := inferencev1.InferencePoolReasonAccepted, inferencev1.InferencePoolReasonResolvedRefs
	if pool.Spec.EndpointPickerRef == nil {
		accepted = inferencev1.InferencePoolReasonEndpointPickerRefMissing
	} else if _, found := w.pickerOf(pool); !found {
		resolved = inferencev1.InferencePoolReasonInvalidExtensionRef
	}
	set(&status.Conditions, pool.Generation, string(inferencev1.InferencePoolConditionAccepted),
		accepted == inferencev1.InferencePoolReasonAccepted, string(accepted))
	set(&status.Conditions, pool.Generation, string(inferencev1.InferencePoolConditionResolvedRefs),
		resolved == inferencev1.InferencePoolReasonResolvedRefs, string(resolved))
	return status
}

func set(conditions *[]metav1.Condition, generation int64, kind string, holds bool, reason string) {
	status := metav1.ConditionFalse
	if holds {
		status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(conditions, metav1.Condition{
		Type:               kind,
		Status:             status,
		Reason:             reason,
		ObservedGeneration: generation,
	})
}

// update writes a status that differs.
func (g *gateway) update(ctx context.Context, before, next client.Object) error {
	if equality.Semantic.DeepEqual(before, next) {
		return nil
	}
	return unlessChanged(g.client.Status().Update(ctx, next))
}
