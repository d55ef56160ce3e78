using ActorKube.Models;

namespace Models.Tests;

/// <summary>A small kind with every way of merging in it.</summary>
static class Schemas
{
    public static MergeSchema Workload { get; } = MergeSchema.FromOpenApi(Json.Object("""
        {
          "type": "object",
          "properties": {
            "apiVersion": { "type": "string" },
            "kind": { "type": "string" },
            "metadata": {
              "type": "object",
              "properties": {
                "name": { "type": "string" },
                "labels": { "type": "object", "additionalProperties": { "type": "string" } },
                "finalizers": { "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" },
                "managedFields": { "type": "array", "items": { "type": "object" }, "x-kubernetes-list-type": "atomic" }
              }
            },
            "spec": {
              "type": "object",
              "properties": {
                "replicas": { "type": "integer" },
                "selector": { "$ref": "#/definitions/Selector" },
                "strategy": { "type": "object", "x-kubernetes-patch-strategy": "retainKeys", "properties": { "type": { "type": "string" }, "rollingUpdate": { "type": "object", "properties": { "maxSurge": { "x-kubernetes-int-or-string": true } } } } },
                "args": { "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "atomic" },
                "replaced": { "type": "object", "x-kubernetes-patch-strategy": "replace", "additionalProperties": { "type": "string" } },
                "free": { "type": "object" },
                "containers": {
                  "type": "array",
                  "items": { "$ref": "#/definitions/Container" },
                  "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                  "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"
                },
                "volumes": {
                  "type": "array",
                  "items": { "type": "object", "properties": { "name": { "type": "string" }, "emptyDir": { "type": "object" }, "hostPath": { "type": "object", "properties": { "path": { "type": "string" } } } } },
                  "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                  "x-kubernetes-patch-strategy": "merge,retainKeys", "x-kubernetes-patch-merge-key": "name"
                }
              }
            },
            "status": {
              "type": "object",
              "properties": {
                "phase": { "type": "string" },
                "conditions": {
                  "type": "array",
                  "items": { "type": "object", "properties": { "type": { "type": "string" }, "status": { "type": "string" } } },
                  "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]
                }
              }
            }
          }
        }
        """), Definition);

    static System.Text.Json.Nodes.JsonObject? Definition(string reference) => Json.Object("""
        {
          "#/definitions/Selector": { "type": "object", "x-kubernetes-map-type": "atomic", "properties": { "matchLabels": { "type": "object", "additionalProperties": { "type": "string" } } } },
          "#/definitions/Container": {
            "type": "object",
            "properties": {
              "name": { "type": "string" },
              "image": { "type": "string" },
              "env": {
                "type": "array",
                "items": { "type": "object", "properties": { "name": { "type": "string" }, "value": { "type": "string" } } },
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"
              },
              "ports": {
                "type": "array",
                "items": { "type": "object", "properties": { "containerPort": { "type": "integer" }, "protocol": { "type": "string" }, "name": { "type": "string" } } },
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
                "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "containerPort"
              }
            }
          }
        }
        """)[reference] as System.Text.Json.Nodes.JsonObject;
}
