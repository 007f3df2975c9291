#!/usr/bin/env python3
"""What tour.sh asks and is told, as JSON. It reads standard input.

web.py create         a job as in web.json; prints the arguments of createJob
web.py update WORDS   the same; prints those of startJobUpdate, with WORDS as its message
web.py tasks          an answer of getTasksWithoutConfigs; prints "INSTANCE STATUS PORT ID" for each task that lives
web.py failure        the same; prints what tasks said that failed
web.py moment         answers of getJobUpdateSummaries and getTasksWithoutConfigs; prints how far the latest update is
web.py offset         an answer of /logdata; prints its offset
web.py data           the same; prints its text
"""
import html
import json
import sys

ENDED = ("FINISHED", "FAILED", "KILLED", "LOST")


def config(job):
    """A job as the scheduler takes it: all that it has to know of it, and the whole of it for the agent."""
    wants = job["task"]["resources"]
    return {
        "job": {"role": job["role"], "environment": job["environment"], "name": job["name"]},
        "owner": {"user": "ann"},
        "isService": job["service"],
        "resources": [
            {"numCpus": wants["cpu"]},
            {"ramMb": wants["ram"] >> 20},
            {"diskMb": wants["disk"] >> 20},
            {"namedPort": "http"},
        ],
        "executorConfig": {"name": "AuroraExecutor", "data": json.dumps(job)},
    }


def create(job):
    task = config(job)
    print(json.dumps({"description": {
        "key": task["job"], "owner": task["owner"], "instanceCount": job["instances"], "taskConfig": task}}))


def update(job, words):
    settings = {"updateGroupSize": 1, "minWaitInInstanceRunningMs": 1000, "rollbackOnFailure": True}
    print(json.dumps({
        "request": {"taskConfig": config(job), "instanceCount": job["instances"], "settings": settings},
        "message": words}))


def assigned(answer):
    tasks = answer["result"]["scheduleStatusResult"]["tasks"]
    return sorted(tasks, key=lambda task: task["assignedTask"]["instanceId"])


def tasks(answer):
    for task in assigned(answer):
        if task["status"] in ENDED:
            continue
        it = task["assignedTask"]
        port = it.get("assignedPorts", {}).get("http", "-")
        print(it["instanceId"], task["status"], port, it["taskId"])


def failure(answer):
    for task in assigned(answer):
        for event in task["taskEvents"]:
            if event["status"] == "FAILED":
                print("instance", task["assignedTask"]["instanceId"], "FAILED:", event["message"])


def moment(updates, answer):
    """The status of the update and of its tasks; after a tab why it is not moving."""
    summaries = updates["result"]["getJobUpdateSummariesResult"]["updateSummaries"]
    sentences = [explanation["sentence"] for explanation in updates.get("explanations", [])]
    living = ", ".join(
        "%d %s" % (task["assignedTask"]["instanceId"], task["status"])
        for task in assigned(answer) if task["status"] not in ENDED)
    print(summaries[0]["state"]["status"], "(" + living + ")", sep=" ", end="\t")
    print("; ".join(sentences))


def data(answer):
    sys.stdout.write(html.unescape(answer.get("data", "")))


def offset(answer):
    print(answer["offset"])


def objects(text):
    """All JSON values of a text."""
    text = text.lstrip()
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        yield value
        text = text[end:].lstrip()


COMMANDS = {"create": create, "update": update, "tasks": tasks, "failure": failure,
            "moment": moment, "offset": offset, "data": data}
COMMANDS[sys.argv[1]](*objects(sys.stdin.read()), *sys.argv[2:])
